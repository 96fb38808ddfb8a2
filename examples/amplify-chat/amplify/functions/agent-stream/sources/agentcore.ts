import type { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { invokeAgentRuntime } from '@magi/lambda-stream/agentcore';
import { sessionIdFor } from '../session-id';
import type { Ask } from './ask';

/** Asks the agent in an AgentCore runtime, which gets the run's input as AG-UI has it. */
export function askAgentCore(client: BedrockAgentCoreClient): Ask {
  return ({ agent, role, input, sessionId, signal }) => {
    // A session is a machine that answers one request at a time and is stopped as a whole: roles that share a runtime need one each.
    const runtimeSessionId = sessionIdFor(sessionId, role);
    return invokeAgentRuntime(
      client,
      {
        agentRuntimeArn: agent.id,
        ...(agent.alias !== undefined && { qualifier: agent.alias }),
        runtimeSessionId,
        // An agent may keep its memory by thread, and the browser chose the thread's id.
        payload: { ...input, threadId: runtimeSessionId },
      },
      // Closing the connection does not reach the agent's code. The payload holds the conversation, so a fresh session loses nothing.
      { signal, stopSessionOnCancel: true },
    );
  };
}
