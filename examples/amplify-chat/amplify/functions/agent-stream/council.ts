import { type AgentEvent, AgentStreamError, lastUserText, mergeAgents } from '@magi/lambda-stream';
import { writeBrief } from './brief';
import { type Council, judgeName } from './environment';
import type { AgentQuestion, Ask } from './sources/ask';

/** Longest that one sage may take. The others' opinions and the judge still fit into the function's 300 seconds. */
const sageTimeoutMs = 120_000;

/** Asks the sages in parallel, as subagents, then the judge. A sage that fails is told to the judge; the council goes on without it. */
export async function* askCouncil(
  ask: Ask,
  { sages, judge }: Council,
  { input, sessionId, signal }: Pick<AgentQuestion, 'input' | 'sessionId' | 'signal'>,
): AsyncGenerator<AgentEvent> {
  const question = lastUserText(input);
  // Each sitting stands alone: one message, without the conversation before it.
  const { resume: _, ...rest } = input;
  const saying = (content: string) => ({
    ...rest,
    messages: [{ id: `${input.runId}:question`, role: 'user' as const, content }],
  });
  const sources = Object.entries(sages).map(
    ([role, agent]) =>
      [
        role,
        (sageSignal: AbortSignal) =>
          ask({ agent, role, input: saying(question), sessionId, signal: sageSignal }),
      ] as const,
  );
  const results = Object.values(
    yield* mergeAgents(Object.fromEntries(sources), { signal, perAgentTimeoutMs: sageTimeoutMs }),
  );
  const opinions = results.filter(({ status }) => status === 'finished');
  if (opinions.length === 0) {
    throw new AgentStreamError('No sage of the council could answer', {
      code: 'COUNCIL_SILENT',
      retryable: true,
    });
  }
  const silent = results.filter(({ status }) => status !== 'finished').map(({ name }) => name);
  const brief = writeBrief({ question, opinions, silent });
  yield* ask({ agent: judge, role: judgeName, input: saying(brief), sessionId, signal });
}
