/** The bounds that AgentCore sets on `runtimeSessionId`, in characters. */
export const MIN_SESSION_ID_LENGTH = 33;
export const MAX_SESSION_ID_LENGTH = 256;

/** Throws when AgentCore would reject the session id, before anything is sent. */
export function checkSessionId(source: string, sessionId: string | undefined): void {
  if (sessionId === undefined) return;
  const { length } = sessionId;
  if (length < MIN_SESSION_ID_LENGTH || length > MAX_SESSION_ID_LENGTH) {
    throw new RangeError(
      `Cannot call ${source}(): input "runtimeSessionId" must have ${MIN_SESSION_ID_LENGTH} to ${MAX_SESSION_ID_LENGTH} characters, got ${length}`,
    );
  }
}
