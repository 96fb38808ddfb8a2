import type { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { lastUserText } from '@magi/lambda-stream';
import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
import type { Ask } from './ask';

/** Asks an agent of Amazon Bedrock, which keeps the conversation by session. */
export function askBedrockAgent(client: BedrockAgentRuntimeClient): Ask {
  return ({ agent, input, sessionId, signal }) =>
    invokeAgent(
      client,
      {
        agentId: agent.id,
        agentAliasId: agent.alias,
        sessionId,
        inputText: lastUserText(input),
      },
      { signal, resume: input.resume },
    );
}
