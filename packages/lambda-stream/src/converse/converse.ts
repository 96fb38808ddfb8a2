import type {
  BedrockRuntimeClient,
  ConverseStreamCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
import { ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import type { AgentEvent } from '@magi/stream-protocol';
import { createConverseMapper } from '../sources/converse-mapper';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkRequired, checkSourceOptions } from '../sources/source-options';

/** Options of {@link converse}. */
export interface ConverseOptions extends SourceOptions {
  /** The run's `threadId`, usually `input.threadId`. ConverseStream knows no session. Default: a new UUID. */
  readonly threadId?: string;
}

/**
 * Asks a model by ConverseStream and yields its answer as one AG-UI run.
 *
 * Text, reasoning, tool calls, results of server-side tools, citations, images, guardrail interventions and token usage
 * come as they arrive. A model that wants to use a tool (`stopReason` `tool_use`) ends the run with one interrupt per
 * call; `converseMessages` turns the answers into the next request. RUN_FINISHED carries `result.stopReason`.
 *
 * It does not run tools and does not keep the conversation. `break` and `signal` close the connection to the service.
 *
 * @param client An SDK client with either of its Node transports.
 * @param input The command's input.
 * @throws TypeError, RangeError for a bad option or a missing `modelId`, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the stream ends without `messageStop`; ACCESS_DENIED,
 * THROTTLED, UPSTREAM_VALIDATION, UPSTREAM_UNAVAILABLE, … as the service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
 * import { streamHandler } from '@magi/lambda-stream';
 * import { converse, converseMessages } from '@magi/lambda-stream/converse';
 *
 * const client = new BedrockRuntimeClient({});
 * export const handler = streamHandler(
 *   ({ input, signal }) =>
 *     converse(client, { modelId: 'MODEL', messages: converseMessages(input) }, { signal, threadId: input.threadId }),
 *   { authorize: null },
 * );
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export function converse(
  client: BedrockRuntimeClient,
  input: ConverseStreamCommandInput,
  options: ConverseOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('converse', options, ['threadId']);
  checkRequired('converse', input, ['modelId']);
  const command = new ConverseStreamCommand(input);
  return runUpstream(
    {
      threadId: options.threadId ?? globalThis.crypto.randomUUID(),
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.stream,
      createMapper: () =>
        createConverseMapper({ modelId: input.modelId, source: 'bedrock-converse' }),
    },
    options,
  );
}
