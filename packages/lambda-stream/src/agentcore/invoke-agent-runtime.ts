import type {
  BedrockAgentCoreClient,
  InvokeAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { AgentEvent } from '@magi/stream-protocol';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkRequired, checkSourceOptions } from '../sources/source-options';
import type { RuntimeDialect } from './dialects/dialect';
import { createDialectMapper, RUNTIME_DIALECTS } from './dialects/dialect';
import { readRuntimeValues } from './runtime-values';
import { checkSessionId } from './session-id';
import { stopCancelledSession } from './stop-session';

/** The command's input, with a payload that may also be any JSON value: it is then sent as JSON. */
export type InvokeAgentRuntimeInput = Omit<InvokeAgentRuntimeCommandInput, 'payload'> & {
  readonly payload: unknown;
};

/** Options of {@link invokeAgentRuntime}. */
export interface InvokeAgentRuntimeOptions extends SourceOptions {
  /** What the runtime's code writes. Default `auto`: found out from the first values. */
  readonly dialect?: RuntimeDialect | 'auto';
  /**
   * Whether an aborted or abandoned run also stops the runtime's session, waiting at most 2 000 ms. Default `false`: the
   * agent goes on until it is done, and keeps what it has in memory. `true` ends both, and needs the permission
   * `bedrock-agentcore:StopRuntimeSession`.
   */
  readonly stopSessionOnCancel?: boolean;
}

/**
 * Invokes the agent in an AgentCore runtime and yields its answer as one AG-UI run.
 *
 * AG-UI events are passed on as they are, inside this run; the other dialects are mapped. Closing the connection
 * (`break`, `signal`) does not reach the agent's code: see `stopSessionOnCancel`. Runtimes with OAuth cannot be called by
 * the AWS SDK. Only AG-UI and Converse frames say that they are complete; of the other dialects a runtime that stops too
 * early looks like one that has finished, as long as it wrote something and the connection ends properly.
 *
 * @param input `payload` is sent as JSON unless it is bytes; `accept` is `text/event-stream` unless given.
 * `runtimeSessionId` (33–256 characters) becomes the run's `threadId`.
 * @throws TypeError, RangeError for a bad option, a missing ARN or a session id of the wrong length, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the answer is incomplete; AGENT_FAILED, or the agent's
 * own code, when the agent failed; otherwise as the service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
 * import { streamHandler } from '@magi/lambda-stream';
 * import { invokeAgentRuntime } from '@magi/lambda-stream/agentcore';
 *
 * const client = new BedrockAgentCoreClient({});
 * const agentRuntimeArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/r1';
 * export const handler = streamHandler(
 *   ({ input, signal }) =>
 *     invokeAgentRuntime(client, { agentRuntimeArn, runtimeSessionId: input.threadId, payload: input }, { signal }),
 *   { authorize: null },
 * );
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/APIReference/API_InvokeAgentRuntime.html
 */
export function invokeAgentRuntime(
  client: BedrockAgentCoreClient,
  input: InvokeAgentRuntimeInput,
  options: InvokeAgentRuntimeOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('invokeAgentRuntime', options, ['dialect', 'stopSessionOnCancel']);
  checkRequired('invokeAgentRuntime', input, ['agentRuntimeArn']);
  checkSessionId('invokeAgentRuntime', input.runtimeSessionId);
  const dialect = options.dialect ?? 'auto';
  if (dialect !== 'auto' && !RUNTIME_DIALECTS.includes(dialect)) {
    throw new TypeError(
      `Cannot call invokeAgentRuntime(): option "dialect" must be "auto" or one of "${RUNTIME_DIALECTS.join('", "')}", got "${dialect}"`,
    );
  }
  const { agentRuntimeArn, runtimeSessionId, qualifier } = input;
  const command = new InvokeAgentRuntimeCommand({
    contentType: 'application/json',
    accept: 'text/event-stream',
    ...input,
    payload: encodePayload(input.payload),
  });
  const stopsSession = options.stopSessionOnCancel === true && runtimeSessionId !== undefined;
  return runUpstream(
    {
      threadId: runtimeSessionId ?? globalThis.crypto.randomUUID(),
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) =>
        // The SDK's blob is a stream of the platform; both of Node's can be iterated.
        output.response === undefined
          ? undefined
          : readRuntimeValues(
              output.response as AsyncIterable<Uint8Array>,
              output.contentType ?? '',
            ),
      createMapper: () => createDialectMapper(dialect),
      ...(stopsSession && {
        onCancel: () =>
          stopCancelledSession(client, {
            agentRuntimeArn,
            runtimeSessionId,
            ...(qualifier !== undefined && { qualifier }),
          }),
      }),
    },
    options,
  );
}

function encodePayload(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return new TextEncoder().encode(JSON.stringify(payload ?? null));
}
