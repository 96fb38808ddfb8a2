import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@smithy/types';
import { AuthError } from '../errors';
import { shareFlight } from '../share-flight';
import { withDefaults } from '../with-defaults';
import type { AuthHook } from './auth-hook';

export interface SigV4Options {
  /**
   * Asked at each request; it should remember its answer. Called with `{ forceRefresh: true }` when the credentials were refused
   * or expire within two minutes, once for all runs that wait.
   */
  readonly credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  readonly region: string;
  /** Default: `lambda`, for function URLs. For Amazon Bedrock AgentCore: `bedrock-agentcore`. */
  readonly service?: string;
  /**
   * Whether to send and sign `x-amz-content-sha256` too. Default: `false`. Either way the signature covers the body; the header
   * has to be allowed by CORS.
   */
  readonly contentHash?: boolean;
  /** The date to sign with. Default: the system clock's, which may be 5 minutes off at most. */
  now?(): Date;
}

const REFRESH_BEFORE_MS = 120_000;

/** Tracing sets these after the request was signed. */
const UNSIGNED = new Set(['traceparent', 'tracestate', 'baggage']);

/**
 * Signs each request with AWS Signature Version 4, by the AWS SDK's own signer, for URLs with `AWS_IAM` authorization.
 *
 * Needs `@smithy/signature-v4` and `@aws-crypto/sha256-js` installed. Retries nothing by itself. A signature proves an IAM role, not
 * a user, and is checked when a run starts: credentials that expire meanwhile do not cut it.
 *
 * A failing `credentials` ends the run with `AuthError` (`ERR_AUTH`). In a browser a refusal has no CORS headers and shows up as
 * `NetworkError` (`ERR_NETWORK`).
 *
 * @throws TypeError for an unknown or missing option.
 *
 * @example
 * ```ts
 * import { fetchAuthSession } from 'aws-amplify/auth';
 * import { createAgentClient } from '@magi/stream-client';
 * import { sigV4 } from '@magi/stream-client/sigv4';
 *
 * const credentials = async () => {
 *   const session = await fetchAuthSession();
 *   if (!session.credentials) throw new Error('Nobody is signed in');
 *   return session.credentials;
 * };
 * const client = createAgentClient({
 *   url: 'https://abc.lambda-url.us-east-1.on.aws/',
 *   auth: sigV4({ credentials, region: 'us-east-1' }),
 * });
 * ```
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
export function sigV4(options: SigV4Options): AuthHook {
  const { credentials, region, service, contentHash, now } = withDefaults(
    '',
    { ...options, region: options.region ?? '' },
    {
      credentials: undefined,
      region: '',
      service: 'lambda',
      contentHash: false,
      now: () => new Date(),
    },
  );
  if (typeof credentials !== 'function' && typeof credentials !== 'object') {
    throw new TypeError('"credentials" must be an identity or a function that returns one');
  }
  const provide = async (forceRefresh = false) =>
    typeof credentials === 'function'
      ? credentials(forceRefresh ? { forceRefresh } : {})
      : credentials;
  const renew = shareFlight(() => provide(true));

  return {
    async apply(request) {
      let identity = await provide();
      const leftMs = (identity.expiration?.getTime() ?? Infinity) - now().getTime();
      if (leftMs < REFRESH_BEFORE_MS) identity = await renew();
      const signer = new SignatureV4({
        credentials: identity,
        region,
        service,
        sha256: Sha256,
        applyChecksum: contentHash,
      });
      const url = new URL(request.url, globalThis.location?.href);
      const signed = await signer.sign(
        {
          method: request.method,
          protocol: url.protocol,
          hostname: url.hostname,
          ...(url.port && { port: Number(url.port) }),
          path: url.pathname,
          query: readQuery(url.searchParams),
          headers: { ...request.headers, host: url.host },
          body: request.body ?? '',
        },
        { signingDate: now(), unsignableHeaders: UNSIGNED },
      );
      // `fetch` sets `host` itself, and a browser forbids it.
      const { host, ...headers } = signed.headers;
      return { ...request, url: url.href, headers };
    },
    async refresh() {
      await renew();
    },
  };
}

function readQuery(parameters: URLSearchParams): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const name of parameters.keys()) {
    // The signer loses it: AWS would refuse the signature, and nobody could tell why.
    if (name === '__proto__') throw new AuthError('Signing a parameter "__proto__" failed', {});
    query[name] = parameters.getAll(name);
  }
  return query;
}
