import type { AgentEvent } from '@magi/stream-protocol';
import type { AgentResult } from './agent-result';
import type { MergeAgentsOptions } from './merge-agents-options';
import { runSubagents } from './subagent-merge';
import type { AgentSource } from './subagent-run';

/** How each agent's part ended, by name. */
export type AgentResults<TName extends string = string> = Readonly<Record<TName, AgentResult>>;

/**
 * Runs agents in parallel as AG-UI subagents of one run. `yield*` hands on their events and returns their results.
 *
 * - Every event is attributed by `subagentRunId`; runs inside are absorbed: their usage is summed on one RUN_FINISHED, their
 *   interrupts make its outcome and SUBAGENT_FINISHED `suspended`, their `result` becomes SUBAGENT_FINISHED's.
 * - An agent that throws, sends RUN_ERROR or an invalid event, says nothing or takes too long ends with `magi.degraded` and
 *   SUBAGENT_ERROR; the others go on. A client sees the words of an `AgentStreamError`, of other errors none.
 * - Agents take turns. Each is read at most `maxBufferedEvents` ahead, and only once the first event was asked for.
 * - `return()` and `signal` stop all agents. The end waits for those that were stopped to clean up, at most 1 000 ms.
 * - Ids of messages, tool calls, interrupts and nested subagents get their agent's `subagentRunId` and `/` in front. So agents
 *   may share ids, and the answers in `resume` find back to the agent that asked, which goes on under its `subagentRunId`.
 * - What an event holds is taken as JSON when it is yielded: an agent may go on changing it. One that is no JSON is invalid.
 *
 * Not guaranteed: an order between events of different agents. MESSAGES_SNAPSHOT of an agent is dropped. Nothing is kept from
 * one run to the next: the text of agents that had finished is not in the results of the run that resumes the others.
 * Nothing here throws because an agent failed: look at the `status` of the results.
 *
 * @throws {TypeError | RangeError} At once, when an agent or an option is not what it must be, and when an answer is for an
 * agent that is no function.
 *
 * @example Three sages and a judge
 * ```ts
 * import { mergeAgents, streamHandler, subagent } from '@magi/lambda-stream';
 *
 * export const handler = streamHandler(
 *   async function* ({ input, signal }) {
 *     const sages = yield* mergeAgents(
 *       {
 *         caspar: (signal) => ask('caspar', input, signal),
 *         balthasar: (signal) => ask('balthasar', input, signal),
 *         melchior: (signal) => ask('melchior', input, signal),
 *       },
 *       { signal, perAgentTimeoutMs: 60_000 },
 *     );
 *     const opinions = Object.values(sages).filter(({ status }) => status === 'finished');
 *     yield* subagent('solomon', (signal) => judge(opinions.map(({ text }) => text), signal), { signal });
 *   },
 *   { authorize: null },
 * );
 * ```
 * @public
 */
export function mergeAgents<TName extends string>(
  agents: Readonly<Record<TName, AgentSource>>,
  options: MergeAgentsOptions = {},
): AsyncGenerator<AgentEvent, AgentResults<TName>, undefined> {
  const action = 'Cannot merge agents';
  if (typeof agents !== 'object' || agents === null || Object.keys(agents).length === 0) {
    throw new TypeError(`${action}: name at least one agent`);
  }
  return runSubagents(
    action,
    Object.entries<AgentSource>(agents),
    options,
    (results) =>
      Object.fromEntries(results.map((result) => [result.name, result])) as AgentResults<TName>,
  );
}
