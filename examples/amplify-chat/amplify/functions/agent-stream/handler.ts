import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { AgentStreamError, lastUserText, streamHandler } from '@magi/lambda-stream';
import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
import { authorizeCallers } from './authorize-callers';
import { askCouncil } from './council';
import { readEnvironment } from './environment';
import { sessionIdFor } from './session-id';

const { agent, callers, council } = readEnvironment(process.env);
const client = new BedrockAgentRuntimeClient({});

function asksCouncil(forwardedProps: unknown): boolean {
  return Reflect.get(Object(forwardedProps), 'mode') === 'council';
}

export const handler = streamHandler(
  ({ input, principal, signal }) => {
    const question = lastUserText(input);
    const sessionId = sessionIdFor(principal?.sub, input.threadId);
    if (!asksCouncil(input.forwardedProps)) {
      const request = { ...agent, sessionId, inputText: question };
      return invokeAgent(client, request, { signal, resume: input.resume });
    }
    if (!council) {
      throw new AgentStreamError('This deployment has no council', { code: 'NO_COUNCIL' });
    }
    return askCouncil(client, council, { question, sessionId, signal });
  },
  { authorize: authorizeCallers(callers) },
);
