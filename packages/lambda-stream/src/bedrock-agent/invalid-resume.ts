import { AgentStreamError } from '../agent-stream-error';

/** The failure of a run whose `resume` cannot be used. The ids come from the client, so it is told what is wrong with them. */
export function invalidResume(problem: string, cause?: unknown): AgentStreamError {
  return new AgentStreamError(`Cannot resume: ${problem}`, {
    code: 'INVALID_RESUME',
    retryable: false,
    ...(cause !== undefined && { cause }),
  });
}
