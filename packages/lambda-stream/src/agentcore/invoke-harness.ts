import type {
  BedrockAgentCoreClient,
  InvokeHarnessCommandInput,
} from '@aws-sdk/client-bedrock-agentcore';
import * as sdk from '@aws-sdk/client-bedrock-agentcore';
import type { AgentEvent, ResumeEntry } from '@magi/stream-protocol';
import { createConverseMapper } from '../sources/converse-mapper';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkRequired, checkSourceOptions } from '../sources/source-options';
import { toolUseAnswers } from '../sources/tool-use-interrupt';
import { checkSessionId } from './session-id';

/** Options of {@link invokeHarness}. */
export interface InvokeHarnessOptions extends SourceOptions {
  /**
   * The answers to the interrupts of the run before, usually `input.resume`. Those that answer a tool call replace
   * `messages`, as the harness wants the tool results and nothing else. Where one of them is cancelled, the user may have
   * written a message instead: what the last of `messages` says follows the results, blank text left out. Default: none.
   */
  readonly resume?: readonly ResumeEntry[] | undefined;
}

/**
 * Invokes an AgentCore harness and yields its answer as one AG-UI run.
 *
 * The harness runs the agent's loop: each message of it becomes a text message, its tool calls and results come with
 * them, its hooks as trace steps. An inline function that the application has to run ends the run with an interrupt per
 * call. RUN_FINISHED carries `result.stopReason`. `break` and `signal` close the connection to the service; they do not
 * stop the loop on the other side.
 *
 * @param input The command's input. `runtimeSessionId` (33–256 characters) becomes the run's `threadId`.
 * @throws TypeError, RangeError for a bad option, a missing ARN or a session id of the wrong length, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the stream ends without `messageStop`; AGENT_FAILED
 * when the harness itself failed; otherwise as the service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
 * import { invokeHarness } from '@magi/lambda-stream/agentcore';
 *
 * const run = invokeHarness(new BedrockAgentCoreClient({}), {
 *   harnessArn: 'arn:aws:bedrock-agentcore:us-east-1:123456789012:harness/h1',
 *   runtimeSessionId: crypto.randomUUID(),
 *   messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
 * });
 * for await (const event of run) console.log(event);
 * ```
 */
export function invokeHarness(
  client: BedrockAgentCoreClient,
  input: InvokeHarnessCommandInput,
  options: InvokeHarnessOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('invokeHarness', options, ['resume']);
  checkRequired('invokeHarness', input, ['harnessArn', 'runtimeSessionId']);
  checkSessionId('invokeHarness', input.runtimeSessionId);
  const answers = toolUseAnswers(options.resume);
  const isDeclined = answers.some(({ isCancelled }) => isCancelled);
  // A named import of a command that an older client lacks would break the whole entry.
  if (sdk.InvokeHarnessCommand === undefined) {
    throw new TypeError(
      'Cannot call invokeHarness(): the installed "@aws-sdk/client-bedrock-agentcore" is too old for it',
    );
  }
  const command = new sdk.InvokeHarnessCommand({
    ...input,
    ...(answers.length > 0 && {
      messages: [
        {
          role: 'user',
          content: [
            ...answers.map(({ toolUseId, text, status }) => ({
              toolResult: { toolUseId, content: [{ text }], status },
            })),
            ...(isDeclined ? writtenInstead(input) : []),
          ],
        },
      ],
    }),
  });
  return runUpstream(
    {
      threadId: input.runtimeSessionId ?? '',
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.stream,
      createMapper: () => createConverseMapper({ source: 'agentcore-harness' }),
    },
    options,
  );
}

function writtenInstead({ messages }: InvokeHarnessCommandInput): sdk.HarnessContentBlock[] {
  const last = messages?.at(-1);
  const content = last?.role === 'user' ? (last.content ?? []) : [];
  return content.filter(({ text }) => text?.trim() !== '');
}
