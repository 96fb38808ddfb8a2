/**
 * The ordering rule that an event broke.
 *
 * - `run-not-started`: the first event is neither RUN_STARTED nor RUN_ERROR
 * - `run-active`: RUN_STARTED while a run is active
 * - `run-over`: an event after the run's end
 * - `already-open`: a START for what is open, or a subagent id used twice
 * - `not-open`: CONTENT, ARGS or END for what is not open; a parent subagent that was never started
 * - `still-open`: RUN_FINISHED while something is open
 * - `owner`: `subagentRunId` contradicts the event that opened the message, tool call or activity
 * - `chunk`: a *_CHUNK event that lacks its first fields, contradicts them, or could belong to several subagents
 */
export type LifecycleRule =
  | 'run-not-started'
  | 'run-active'
  | 'run-over'
  | 'already-open'
  | 'not-open'
  | 'still-open'
  | 'owner'
  | 'chunk';

/** An event came that AG-UI's ordering rules do not allow at this point. */
export class LifecycleError extends Error {
  override readonly name = 'LifecycleError';
  readonly code = 'ERR_RUN_LIFECYCLE';

  constructor(
    readonly eventType: string,
    readonly rule: LifecycleRule,
    detail: string,
  ) {
    super(`Cannot accept ${eventType}: ${detail}`);
  }
}
