import type { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { InvokeAgentCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import { checkRequired } from '../sources/source-options';

/** Which session {@link endSession} ends. */
export interface EndSessionInput {
  readonly agentId: string;
  readonly agentAliasId: string;
  readonly sessionId: string;
}

/**
 * Ends a session with a Bedrock agent: the conversation is forgotten, or summarised where the agent has memory.
 *
 * Resolves when the service has confirmed. A session that is not ended expires by itself after the agent's idle time.
 *
 * @throws TypeError for a missing id, at once; later the SDK's own errors.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { endSession } from '@magi/lambda-stream/bedrock-agent';
 *
 * await endSession(new BedrockAgentRuntimeClient({}), { agentId: 'AGENT1', agentAliasId: 'ALIAS1', sessionId: 's1' });
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html
 */
export async function endSession(
  client: BedrockAgentRuntimeClient,
  input: EndSessionInput,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  checkRequired('endSession', input, ['agentId', 'agentAliasId', 'sessionId']);
  const { agentId, agentAliasId, sessionId } = input;
  const { signal } = options;
  const output = await client.send(
    new InvokeAgentCommand({
      agentId,
      agentAliasId,
      sessionId,
      endSession: true,
      inputText: 'end',
    }),
    signal === undefined ? {} : { abortSignal: signal },
  );
  // The confirmation is a short answer like any other.
  for await (const _frame of output.completion ?? []);
}
