import type { Authorize } from '@magi/lambda-stream';
import { type CognitoPrincipal, cognito } from '@magi/lambda-stream/cognito';
import type { CallerPolicy } from './environment';

/** Returns who may call: `null` lets anybody in, and is returned only when the environment says `none`. */
export function authorizeCallers(
  callers: CallerPolicy,
): Authorize<CognitoPrincipal | undefined> | null {
  if (callers.kind === 'none') return null;
  const { userPoolId, clientId } = callers;
  return cognito({ userPoolId, clientId });
}
