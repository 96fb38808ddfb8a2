import type {
  BedrockAgentRuntimeClient,
  RetrieveAndGenerateStreamCommandInput,
  RetrieveAndGenerateStreamResponseOutput,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { RetrieveAndGenerateStreamCommand } from '@aws-sdk/client-bedrock-agent-runtime';
import type { AgentEvent } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import type { FrameMapper } from '../sources/run-upstream';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkSourceOptions } from '../sources/source-options';
import { createTextMessage } from '../sources/text-message';
import { unionMember } from '../sources/union-member';
import { createCitationWriter } from './citations';

/** Options of {@link retrieveAndGenerate}. */
export interface RetrieveAndGenerateOptions extends SourceOptions {
  /** The run's `threadId`, usually `input.threadId`. Default: `sessionId` of the command's input, else a new UUID. */
  readonly threadId?: string;
}

/**
 * Asks a knowledge base by RetrieveAndGenerateStream and yields its answer as one AG-UI run.
 *
 * Text, citations with their spans and guardrail interventions come as they arrive. The service makes the session ids:
 * RUN_FINISHED carries the one to send next time as `result.sessionId`. `break` and `signal` close the connection.
 *
 * @param input The command's input.
 * @throws TypeError, RangeError for a bad option, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the answer is incomplete; otherwise as the service
 * says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { retrieveAndGenerate } from '@magi/lambda-stream/bedrock-agent';
 *
 * const run = retrieveAndGenerate(new BedrockAgentRuntimeClient({}), {
 *   input: { text: 'How long is the warranty?' },
 *   retrieveAndGenerateConfiguration: {
 *     type: 'KNOWLEDGE_BASE',
 *     knowledgeBaseConfiguration: { knowledgeBaseId: 'KB1', modelArn: 'MODEL' },
 *   },
 * });
 * for await (const event of run) console.log(event);
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_RetrieveAndGenerateStream.html
 */
export function retrieveAndGenerate(
  client: BedrockAgentRuntimeClient,
  input: RetrieveAndGenerateStreamCommandInput,
  options: RetrieveAndGenerateOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('retrieveAndGenerate', options, ['threadId']);
  const command = new RetrieveAndGenerateStreamCommand(input);
  return runUpstream(
    {
      threadId: options.threadId ?? input.sessionId ?? globalThis.crypto.randomUUID(),
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.stream,
      createMapper: ({ sessionId }) => createRetrievalMapper(sessionId),
    },
    options,
  );
}

function createRetrievalMapper(
  sessionId: string | undefined,
): FrameMapper<RetrieveAndGenerateStreamResponseOutput> {
  const message = createTextMessage(globalThis.crypto.randomUUID());
  const cite = createCitationWriter(message);
  let isIntervened = false;
  return {
    map(frame, emit) {
      const member = unionMember(frame);
      switch (member?.name) {
        case 'output':
          message.append(frame.output?.text ?? '', emit);
          return;
        case 'citation': {
          // The same facts come in `citation.citation`, deprecated, from older versions of the service.
          const { citation, ...own } = frame.citation ?? {};
          cite(own.retrievedReferences === undefined ? (citation ?? {}) : own, emit);
          return;
        }
        case 'guardrail':
          if (frame.guardrail?.action === 'INTERVENED' && !isIntervened) {
            isIntervened = true;
            emit(customEvent('magi.guardrail', { action: 'intervened' }));
          }
          return;
        default:
          if (member !== undefined) {
            const event = { [member.name]: member.value };
            emit({ type: 'RAW', event, source: 'bedrock-knowledge-base' });
          }
      }
    },
    finish(emit) {
      message.end(emit);
      return sessionId === undefined ? {} : { result: { sessionId } };
    },
  };
}
