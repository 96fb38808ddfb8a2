import type { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { converse, converseMessages } from '@magi/lambda-stream/converse';
import type { Ask } from './ask';
import { systemPrompt } from './system-prompt';

/** Asks a model. It keeps nothing, so each request carries the conversation as the page knows it. */
export function askConverse(client: BedrockRuntimeClient): Ask {
  return ({ agent, role, input, sessionId, signal }) =>
    converse(
      client,
      {
        modelId: agent.id,
        // Ours alone: system messages of the browser are not passed on.
        system: [{ text: systemPrompt(role) }],
        messages: converseMessages(input),
        // Finds a conversation in the model invocation log. No part of the prompt.
        requestMetadata: { session: sessionId },
      },
      { signal, threadId: input.threadId },
    );
}
