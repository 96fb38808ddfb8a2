import { createHmac } from 'node:crypto';

/** The shortest secret that is accepted, in bytes: as long as the digest it keys. */
export const MIN_SESSION_SECRET_BYTES = 32;

/** Options of {@link createSessionBinding}. */
export interface SessionBindingOptions {
  /**
   * Keys the session ids. At least 32 bytes, random, the same on every instance, and not known to clients. Changing it
   * gives every conversation a new, empty session.
   */
  readonly secret: string | Uint8Array;
}

/** Gives each principal session ids of its own. */
export interface SessionBinding {
  /**
   * The service's session id of one principal's conversation: 64 lower-case hexadecimal digits, the same each time.
   *
   * @param principalId Who calls, for example the `sub` of a token. Unique among all who may call.
   * @param threadId The conversation as the client names it, usually `input.threadId`.
   * @throws TypeError when either is empty: all callers without one would share their sessions.
   */
  sessionId(principalId: string, threadId: string): string;
}

/**
 * Binds the sessions of Bedrock and AgentCore to who is calling.
 *
 * The services let anybody who may call the agent continue any session whose id they know, and the client chooses
 * `threadId`. A session id that is an HMAC of both the principal and the thread cannot be guessed, and a thread id of
 * somebody else leads to a session of one's own. The ids are long enough for AgentCore (33–256 characters) and short
 * enough for Bedrock Agents and AgentCore Memory (at most 100). Nothing is stored.
 *
 * It does not decide whether a principal may call at all: that is `authorize`.
 *
 * @throws RangeError for a secret of fewer than 32 bytes; TypeError for an unknown option.
 *
 * @example
 * ```ts
 * import { createSessionBinding } from '@magi/lambda-stream/agentcore';
 *
 * const sessions = createSessionBinding({ secret: process.env.SESSION_SECRET ?? '' });
 * const runtimeSessionId = sessions.sessionId(principal.sub, input.threadId);
 * ```
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export function createSessionBinding(options: SessionBindingOptions): SessionBinding {
  for (const name of Object.keys(options)) {
    if (name !== 'secret') {
      throw new TypeError(`Cannot create a session binding: unknown option "${name}"`);
    }
  }
  const key = Buffer.from(options.secret as string);
  if (key.byteLength < MIN_SESSION_SECRET_BYTES) {
    throw new RangeError(
      `Cannot create a session binding: option "secret" must have at least ${MIN_SESSION_SECRET_BYTES} bytes, got ${key.byteLength}`,
    );
  }
  return {
    sessionId(principalId, threadId) {
      for (const [name, value] of Object.entries({ principalId, threadId })) {
        if (typeof value !== 'string' || value === '') {
          throw new TypeError(`Cannot bind a session: "${name}" must be a non-empty string`);
        }
      }
      // As JSON, no two pairs give the same text.
      return createHmac('sha256', key)
        .update(JSON.stringify([principalId, threadId]))
        .digest('hex');
    },
  };
}
