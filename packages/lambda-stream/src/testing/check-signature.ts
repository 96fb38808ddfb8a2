import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** The credentials that requests must be signed with. */
export interface BedrockCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface SignedRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How far the signing time may be from now, in milliseconds: the services allow five minutes. */
const MAX_SKEW_MS = 5 * 60 * 1000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;

/**
 * Recomputes the Signature Version 4 of a request. Returns what is wrong with it, or `undefined` when it is right.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function checkSignature(
  request: SignedRequest,
  credentials: BedrockCredentials,
  service: string,
  nowMs: number,
): string | undefined {
  const { headers } = request;
  const match = AUTHORIZATION.exec(headers.authorization ?? '');
  if (match === null) return 'Missing Authentication Token';
  const [, accessKeyId, date = '', region = '', signedService, names = '', signature = ''] = match;
  if (accessKeyId !== credentials.accessKeyId) {
    return 'The security token included in the request is invalid';
  }
  if (headers['x-amz-security-token'] !== credentials.sessionToken) {
    return 'The security token included in the request is invalid';
  }
  if (signedService !== service) {
    return `Credential should be scoped to correct service: '${service}'`;
  }
  const time = headers['x-amz-date'] ?? '';
  if (!time.startsWith(date) || Math.abs(signingTimeMs(time) - nowMs) > MAX_SKEW_MS) {
    return 'Signature expired';
  }
  const signedNames = names.split(';');
  // HTTP/2 has `:authority` in the place of `Host`.
  if (!signedNames.includes('host') && !signedNames.includes(':authority'))
    return "'Host' must be a 'SignedHeader' in the AWS Authorization";

  const payloadHash = createHash('sha256').update(request.body).digest('hex');
  const sentHash = headers['x-amz-content-sha256'];
  if (sentHash !== undefined && sentHash !== payloadHash) {
    return 'The provided x-amz-content-sha256 header does not match what was computed';
  }
  const canonical = canonicalRequest(request, signedNames, payloadHash);
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hash(canonical)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => createHmac('sha256', previous).update(part).digest(),
    `AWS4${credentials.secretAccessKey}`,
  );
  const expected = createHmac('sha256', key).update(toSign).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'))
    ? undefined
    : 'The request signature we calculated does not match the signature you provided';
}

function canonicalRequest(
  { method, target, headers }: SignedRequest,
  signedNames: readonly string[],
  payloadHash: string,
): string {
  const [path = '/', query = ''] = target.split('?', 2);
  const host = headers.host ?? headers[':authority'] ?? '';
  const headerValue = (name: string): string => (name === 'host' ? host : (headers[name] ?? ''));
  return [
    method,
    // Every service but S3 encodes the path a second time for signing.
    path.split('/').map(encodePart).join('/'),
    query.split('&').filter(Boolean).map(canonicalParameter).sort().join('&'),
    ...signedNames.map((name) => `${name}:${headerValue(name).trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedNames.join(';'),
    payloadHash,
  ].join('\n');
}

function canonicalParameter(parameter: string): string {
  return parameter.includes('=') ? parameter : `${parameter}=`;
}

function encodePart(part: string): string {
  return encodeURIComponent(part).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** `20260102T030405Z`, ISO 8601 in its basic format. */
function signingTimeMs(time: string): number {
  const [year, month, day, hour, minute, second] = [
    ...time.matchAll(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/g),
  ]
    .flatMap((match) => match.slice(1))
    .map(Number);
  if (year === undefined || month === undefined) return Number.NaN;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
