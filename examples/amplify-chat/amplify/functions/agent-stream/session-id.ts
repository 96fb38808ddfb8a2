import { createHash } from 'node:crypto';

/**
 * Returns the Bedrock session of a caller's thread.
 *
 * The thread id comes from the browser. Bound to the caller it names nobody else's session, and hashed it is always one that Bedrock
 * takes (2 to 100 characters of a small alphabet).
 */
export function sessionIdFor(callerId: string | undefined, threadId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([callerId ?? null, threadId]))
    .digest('hex');
}
