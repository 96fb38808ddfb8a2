import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { lastUserText, streamHandler } from '@magi/lambda-stream';
import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
import { authorizeCallers } from './authorize-callers';
import { readEnvironment } from './environment';
import { sessionIdFor } from './session-id';

const { agent, callers } = readEnvironment(process.env);
const client = new BedrockAgentRuntimeClient({});

export const handler = streamHandler(
  ({ input, principal, signal }) => {
    const sessionId = sessionIdFor(principal?.sub, input.threadId);
    return invokeAgent(
      client,
      { ...agent, sessionId, inputText: lastUserText(input) },
      { signal, resume: input.resume },
    );
  },
  { authorize: authorizeCallers(callers) },
);
