import { AuthError } from '../errors';
import type { AuthHook } from './auth-hook';
import { type BearerOptions, bearer } from './bearer';

/** The part of `fetchAuthSession` of `aws-amplify/auth` that is used. */
export type FetchAuthSession = (options: { forceRefresh: boolean }) => Promise<{
  tokens?: { accessToken: { toString(): string }; idToken?: { toString(): string } };
}>;

export interface AmplifyOptions extends BearerOptions {
  /** Which of the user's tokens to send. Default: `access`, what `cognito()` of lambda-stream expects. */
  readonly token?: 'access' | 'id';
}

/**
 * Sends the Cognito token of the user who is signed in with Amplify, renewed by Amplify itself.
 *
 * Ends the run with `AuthError` (`ERR_AUTH`) when nobody is signed in. For IAM credentials see `sigV4`.
 *
 * @example
 * ```ts
 * import { fetchAuthSession } from 'aws-amplify/auth';
 * import { amplify, createAgentClient } from '@magi/stream-client';
 *
 * const client = createAgentClient({ url: 'https://agent.example/', auth: amplify(fetchAuthSession) });
 * ```
 *
 * @see https://docs.amplify.aws/react/build-a-backend/auth/connect-your-frontend/manage-user-sessions/
 */
export function amplify(
  fetchAuthSession: FetchAuthSession,
  { token: kind, ...options }: AmplifyOptions = {},
): AuthHook {
  if (typeof fetchAuthSession !== 'function') {
    throw new TypeError('"fetchAuthSession" must be the function of aws-amplify/auth');
  }
  return bearer(async ({ forceRefresh }) => {
    const { tokens } = await fetchAuthSession({ forceRefresh });
    const token = kind === 'id' ? tokens?.idToken : tokens?.accessToken;
    if (!token) throw new AuthError('Obtaining credentials failed: nobody is signed in', {});
    return token.toString();
  }, options);
}
