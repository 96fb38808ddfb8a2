import type { AgentEvent } from '@magi/stream-protocol';
import type { AgentResult } from './agent-result';
import type { MergeAgentsOptions } from './merge-agents-options';
import { runSubagents } from './subagent-merge';
import type { AgentSource } from './subagent-run';

/**
 * Runs one agent as an AG-UI subagent of a run. `yield*` hands on its events and returns its result.
 *
 * The same as `mergeAgents` with one agent: a failure becomes SUBAGENT_ERROR and a result with `status: 'failed'`, not a throw.
 *
 * @throws {TypeError | RangeError} At once, when the source or an option is not what it must be.
 *
 * @example
 * ```ts
 * import { subagent } from '@magi/lambda-stream';
 *
 * async function* run({ signal }) {
 *   const verdict = yield* subagent('solomon', (signal) => judge(signal), { signal, perAgentTimeoutMs: 60_000 });
 *   if (verdict.status !== 'finished') yield 'The judge could not decide.';
 * }
 * ```
 * @public
 */
export function subagent(
  name: string,
  source: AgentSource,
  options: MergeAgentsOptions = {},
): AsyncGenerator<AgentEvent, AgentResult, undefined> {
  const action = 'Cannot run a subagent';
  if (typeof name !== 'string' || name === '') {
    throw new TypeError(`${action}: "name" must be a string that is not empty`);
  }
  return runSubagents(action, [[name, source]], options, ([result]) => result as AgentResult);
}
