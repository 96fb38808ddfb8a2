import type {
  BedrockAgentRuntimeClient,
  InvokeInlineAgentCommandInput,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { InvokeInlineAgentCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import type { AgentEvent } from '@magi/stream-protocol';
import { runUpstream } from '../sources/run-upstream';
import { checkRequired, checkSourceOptions } from '../sources/source-options';
import { createAgentMapper } from './agent-mapper';
import type { InvokeAgentOptions } from './invoke-agent';
import { returnControlAnswer } from './return-control';

/**
 * Invokes an inline agent, which is configured by the request itself, and yields its answer as one AG-UI run.
 *
 * Everything is as with `invokeAgent`, the defaults of `enableTrace` and `streamFinalResponse` and the errors included;
 * the answers to interrupts go into `inlineSessionState`.
 *
 * @param input The command's input. `sessionId` becomes the run's `threadId`.
 * @throws TypeError, RangeError for a bad option or a missing `sessionId`, `foundationModel` or `instruction`, at once.
 * @throws AgentStreamError while iterating: see `invokeAgent`.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { invokeInlineAgent } from '@magi/lambda-stream/bedrock-agent';
 *
 * const run = invokeInlineAgent(new BedrockAgentRuntimeClient({}), {
 *   sessionId: crypto.randomUUID(),
 *   foundationModel: 'MODEL',
 *   instruction: 'You answer questions about tea, briefly and with sources.',
 *   inputText: 'Which water for sencha?',
 * });
 * for await (const event of run) console.log(event);
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeInlineAgent.html
 */
export function invokeInlineAgent(
  client: BedrockAgentRuntimeClient,
  input: InvokeInlineAgentCommandInput,
  options: InvokeAgentOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('invokeInlineAgent', options, ['resume', 'includeTraceText']);
  checkRequired('invokeInlineAgent', input, ['sessionId', 'foundationModel', 'instruction']);
  const { inputText, ...rest } = input;
  const answer = returnControlAnswer(options.resume, inputText);
  const command = new InvokeInlineAgentCommand({
    ...rest,
    ...(answer === undefined
      ? inputText !== undefined && { inputText }
      : { inlineSessionState: { ...input.inlineSessionState, ...answer } }),
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
