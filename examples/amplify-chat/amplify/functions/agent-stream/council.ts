import type { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { type AgentEvent, AgentStreamError, mergeAgents } from '@magi/lambda-stream';
import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
import { writeBrief } from './brief';
import type { Council } from './environment';

export interface CouncilQuestion {
  readonly question: string;
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

/** Longest that one sage may take. The others' opinions and the judge still fit into the function's 300 seconds. */
const sageTimeoutMs = 120_000;

/** Asks the sages in parallel, as subagents, then the judge. A sage that fails is told to the judge; the council goes on without it. */
export async function* askCouncil(
  client: BedrockAgentRuntimeClient,
  { sages, judge }: Council,
  { question, sessionId, signal }: CouncilQuestion,
): AsyncGenerator<AgentEvent> {
  const sources = Object.entries(sages).map(
    ([name, agent]) =>
      [
        name,
        (sageSignal: AbortSignal) =>
          invokeAgent(client, { ...agent, sessionId, inputText: question }, { signal: sageSignal }),
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
  const inputText = writeBrief({ question, opinions, silent });
  yield* invokeAgent(client, { ...judge, sessionId, inputText }, { signal });
}
