import {
  type AgentEvent,
  type AgentSource,
  AgentStreamError,
  lastUserText,
  mergeAgents,
  type RunRequest,
} from '@magi/lambda-stream';
import type { ResumeEntry } from '@magi/stream-protocol';
import { writeBrief } from './brief';
import { type Council, judgeName, sageNames } from './environment';
import type { AgentQuestion, Ask } from './sources/ask';

/** Longest that one sage may take. The others' opinions and the judge still fit into the function's 300 seconds. */
const sageTimeoutMs = 120_000;

/** What a sage has said since the question, in the runs before this one. */
function saidBefore(name: string, { messages }: RunRequest['input']): string {
  const sinceQuestion = messages.slice(messages.findLastIndex(({ role }) => role === 'user') + 1);
  return sinceQuestion
    .flatMap((message) =>
      message.role === 'assistant' && message.subagentRunId?.startsWith(`${name}-`)
        ? [message.content ?? '']
        : [],
    )
    .filter((text) => text !== '')
    .join('\n\n');
}

/**
 * Asks the sages in parallel, as subagents, then the judge. A sage that fails is told to the judge; the council goes on without it.
 *
 * Where a sage asks something back the sitting is suspended: the run with the answers resumes it, and the judge speaks when no sage
 * has a question left. Opinions of the runs before are those that the client sends.
 */
export async function* askCouncil(
  ask: Ask,
  { sages, judge }: Council,
  { input, sessionId, signal }: Pick<AgentQuestion, 'input' | 'sessionId' | 'signal'>,
): AsyncGenerator<AgentEvent> {
  const { resume: answers = [], ...rest } = input;
  const isNew = answers.every(({ status }) => status === 'cancelled') && lastUserText(input) !== '';
  const resume = isNew ? [] : answers;
  const question = lastUserText(rest);
  // Each sitting stands alone: one message, without the conversation before it.
  const saying = (content: string, own: readonly ResumeEntry[] = []) => ({
    ...rest,
    messages: [{ id: `${input.runId}:question`, role: 'user' as const, content }],
    ...(own.length > 0 && { resume: [...own] }),
  });
  const sources = sageNames.flatMap((role) => {
    const agent = sages[role];
    const source: AgentSource | undefined =
      agent &&
      ((sageSignal, own) =>
        ask({ agent, role, input: saying(question, own), sessionId, signal: sageSignal }));
    return source ? [[role, source] as const] : [];
  });
  const results = Object.values(
    yield* mergeAgents(Object.fromEntries(sources), {
      signal,
      perAgentTimeoutMs: sageTimeoutMs,
      resume,
    }),
  );
  if (results.some(({ status }) => status === 'suspended')) return;
  const heard = results.map(({ name, status, text }) => {
    const parts = resume.length > 0 ? [saidBefore(name, input), text] : [text];
    const opinion = parts.filter((part) => part !== '').join('\n\n');
    return {
      name,
      text: opinion,
      isHeard: status === 'skipped' ? opinion !== '' : status === 'finished',
    };
  });
  const opinions = heard.filter(({ isHeard }) => isHeard);
  if (opinions.length === 0) {
    throw new AgentStreamError('No sage of the council could answer', {
      code: 'COUNCIL_SILENT',
      retryable: true,
    });
  }
  const silent = heard.filter(({ isHeard }) => !isHeard).map(({ name }) => name);
  const brief = writeBrief({ question, opinions, silent });
  // Answers that are for no sage are for the judge.
  const own = results.every(({ status }) => status === 'skipped') ? resume : [];
  yield* ask({ agent: judge, role: judgeName, input: saying(brief, own), sessionId, signal });
}
