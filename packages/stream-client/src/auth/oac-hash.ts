import { type AuthHook, checkAuth } from './auth-hook';

/**
 * Adds `x-amz-content-sha256`, the hash of the body, which a CloudFront origin access control needs to sign a POST to a Lambda
 * function URL; without it CloudFront's request is refused with 403. Wraps the hook that identifies the user, if there is one.
 *
 * With an access control that always signs, `authorization` is CloudFront's: send the user's token in another header. Needs
 * WebCrypto, which browsers offer on HTTPS and localhost only.
 *
 * @throws TypeError when `inner` is no hook.
 *
 * @example
 * ```ts
 * import { bearer, createAgentClient, oacHash } from '@magi/stream-client';
 *
 * const auth = oacHash(bearer(() => 'token', { header: 'x-authorization' }));
 * const client = createAgentClient({ url: 'https://d111111abcdef8.cloudfront.net/', auth });
 * ```
 *
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
 */
export function oacHash(inner?: AuthHook): AuthHook {
  checkAuth('inner', inner);
  return {
    async apply(request, context) {
      const applied = inner ? await inner.apply(request, context) : request;
      if (applied.body === undefined) return applied;
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(applied.body));
      const hash = Array.from(new Uint8Array(digest), (b) => b.toString(16).padStart(2, '0')).join(
        '',
      );
      return { ...applied, headers: { ...applied.headers, 'x-amz-content-sha256': hash } };
    },
    ...(inner?.refresh && { refresh: (reason) => inner.refresh?.(reason) ?? Promise.resolve() }),
  };
}
