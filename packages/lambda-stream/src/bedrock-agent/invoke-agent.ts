import type {
  BedrockAgentRuntimeClient,
  InvokeAgentCommandInput,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { InvokeAgentCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import type { AgentEvent, ResumeEntry } from '@magi/stream-protocol';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkRequired, checkSourceOptions } from '../sources/source-options';
import type { AgentMappingOptions } from './agent-mapper';
import { createAgentMapper } from './agent-mapper';
import { returnControlAnswer } from './return-control';

/** Options of {@link invokeAgent}. */
export interface InvokeAgentOptions extends SourceOptions, AgentMappingOptions {
  /**
   * The answers to the interrupts of the run before, usually `input.resume`. Those that answer an agent that returned
   * control go into `sessionState`, and `inputText` is then left out, as the service ignores it. Default: none.
   *
   * Where they are all cancelled and `inputText` is not blank, the user wrote a message instead: it is sent, and the calls
   * stay unanswered. `lastUserText(input)` is blank where nothing was written.
   */
  readonly resume?: readonly ResumeEntry[] | undefined;
}

/**
 * Invokes an Amazon Bedrock agent and yields its answer as one AG-UI run.
 *
 * Text, reasoning, tool calls and results, citations, files, collaborators (as subagents), guardrail interventions, trace
 * steps and token usage come as they arrive; an agent that returns control ends the run with interrupts. Nothing is sent
 * before the iteration starts. `break` and `signal` close the connection to the service.
 *
 * Two inputs differ from the SDK's defaults, and can be set back: `streamingConfigurations.streamFinalResponse` is `true`
 * (without it the whole answer comes as one piece) and `enableTrace` is `true` (without it there is no reasoning, tool
 * call, subagent or usage). It does not retry a turn once a frame has come, and does not bind a session to a user: see
 * `createSessionBinding`.
 *
 * @param client An SDK client of any version that has the operation, with either of its Node transports.
 * @param input The command's input. `sessionId` becomes the run's `threadId`.
 * @throws TypeError, RangeError for a bad option or a missing id, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the answer is incomplete; ACCESS_DENIED, THROTTLED,
 * MODEL_NOT_READY, UPSTREAM_VALIDATION, UPSTREAM_UNAVAILABLE, … as the service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { streamHandler } from '@magi/lambda-stream';
 * import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
 * import { lastUserText } from '@magi/stream-protocol';
 *
 * const client = new BedrockAgentRuntimeClient({});
 * export const handler = streamHandler(
 *   ({ input, signal }) =>
 *     invokeAgent(
 *       client,
 *       { agentId: 'AGENT1', agentAliasId: 'ALIAS1', sessionId: input.threadId, inputText: lastUserText(input) },
 *       { signal, resume: input.resume },
 *     ),
 *   { authorize: null },
 * );
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html
 */
export function invokeAgent(
  client: BedrockAgentRuntimeClient,
  input: InvokeAgentCommandInput,
  options: InvokeAgentOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('invokeAgent', options, ['resume', 'includeTraceText']);
  checkRequired('invokeAgent', input, ['agentId', 'agentAliasId', 'sessionId']);
  const { inputText, ...rest } = input;
  const answer = returnControlAnswer(options.resume, inputText);
  const command = new InvokeAgentCommand({
    ...rest,
    ...(answer === undefined
      ? inputText !== undefined && { inputText }
      : { sessionState: { ...input.sessionState, ...answer } }),
    enableTrace: input.enableTrace ?? true,
    streamingConfigurations: { streamFinalResponse: true, ...input.streamingConfigurations },
  });
  return runUpstream(
    {
      threadId: input.sessionId ?? '',
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.completion,
      createMapper: () => createAgentMapper(options),
    },
    options,
  );
}
