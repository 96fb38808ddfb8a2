import type {
  BedrockAgentRuntimeClient,
  InvokeFlowCommandInput,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { InvokeFlowCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import type { AgentEvent, ResumeEntry } from '@magi/stream-protocol';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkRequired, checkSourceOptions } from '../sources/source-options';
import type { AgentMappingOptions } from './agent-mapper';
import { flowAnswer } from './flow-input';
import { createFlowMapper } from './flow-mapper';

/** Options of {@link invokeFlow}. */
export interface InvokeFlowOptions extends SourceOptions, AgentMappingOptions {
  /** The run's `threadId`, usually `input.threadId`. Default: the flow's `executionId` in `input`, else a new UUID. */
  readonly threadId?: string;
  /** The answers to the interrupts of the run before, usually `input.resume`. Default: none. */
  readonly resume?: readonly ResumeEntry[] | undefined;
}

/**
 * Runs an Amazon Bedrock flow and yields its answer as one AG-UI run.
 *
 * Each output node that gives text becomes a text message, any other document a RAW event; a node that asks the user ends
 * the run with an interrupt, whose answer continues the same execution. RUN_FINISHED carries `result.completionReason`
 * and `result.executionId`. `enableTrace` is `true` unless set. `break` and `signal` close the connection to the service.
 *
 * @param input The command's input.
 * @throws TypeError, RangeError for a bad option or a missing id, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the stream ends without `flowCompletionEvent`;
 * otherwise as the service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { invokeFlow } from '@magi/lambda-stream/bedrock-agent';
 *
 * const run = invokeFlow(new BedrockAgentRuntimeClient({}), {
 *   flowIdentifier: 'FLOW1',
 *   flowAliasIdentifier: 'ALIAS1',
 *   inputs: [{ nodeName: 'FlowInputNode', nodeOutputName: 'document', content: { document: 'Hi' } }],
 * });
 * for await (const event of run) console.log(event);
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeFlow.html
 */
export function invokeFlow(
  client: BedrockAgentRuntimeClient,
  input: InvokeFlowCommandInput,
  options: InvokeFlowOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('invokeFlow', options, ['threadId', 'resume', 'includeTraceText']);
  checkRequired('invokeFlow', input, ['flowIdentifier', 'flowAliasIdentifier']);
  const command = new InvokeFlowCommand({
    ...input,
    ...flowAnswer(options.resume),
    enableTrace: input.enableTrace ?? true,
  });
  return runUpstream(
    {
      threadId: options.threadId ?? input.executionId ?? globalThis.crypto.randomUUID(),
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.responseStream,
      createMapper: ({ executionId }) =>
        createFlowMapper({ executionId, includeTraceText: options.includeTraceText ?? false }),
    },
    options,
  );
}
