import type {
  BedrockAgentCoreClient,
  StopRuntimeSessionCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import { StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';

/** How long a cancelled run waits for the session to stop, in milliseconds. */
const STOP_TIMEOUT_MS = 2000;

/**
 * Stops a session of an AgentCore runtime: what runs in it ends, and what it kept in memory is lost.
 *
 * Closing the connection does not do that: the agent's code goes on until it is done.
 *
 * @throws The SDK's own errors, for example `ResourceNotFoundException` for a session that does not run.
 *
 * @example
 * ```ts
 * import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
 * import { stopRuntimeSession } from '@magi/lambda-stream/agentcore';
 *
 * await stopRuntimeSession(new BedrockAgentCoreClient({}), { agentRuntimeArn, runtimeSessionId });
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_StopRuntimeSession.html
 */
export async function stopRuntimeSession(
  client: BedrockAgentCoreClient,
  input: StopRuntimeSessionCommandInput,
  options: { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { signal } = options;
  await client.send(
    new StopRuntimeSessionCommand(input),
    signal === undefined ? {} : { abortSignal: signal },
  );
}

/** Stops the session of a cancelled run. The run has ended for its reader, so a failure is nobody's to handle. */
export async function stopCancelledSession(
  client: BedrockAgentCoreClient,
  input: StopRuntimeSessionCommandInput,
): Promise<void> {
  const signal = AbortSignal.timeout(STOP_TIMEOUT_MS);
  await stopRuntimeSession(client, input, { signal }).catch(() => undefined);
}
