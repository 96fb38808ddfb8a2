import type {
  AgenticRetrieveResultEvent,
  AgenticRetrieveStreamCommandInput,
  AgenticRetrieveStreamResponseOutput,
  AgenticRetrieveTraceEvent,
  BedrockAgentRuntimeClient,
} from '@aws-sdk/client-bedrock-agent-runtime';
import * as sdk from '@aws-sdk/client-bedrock-agent-runtime';
import type { AgentEvent, TraceStep } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import { isRecord } from '../sources/is-record';
import type { Emit, FrameMapper } from '../sources/run-upstream';
import { runUpstream } from '../sources/run-upstream';
import type { SourceOptions } from '../sources/source-options';
import { checkSourceOptions } from '../sources/source-options';
import { createTextMessage } from '../sources/text-message';
import { unionMember } from '../sources/union-member';
import type { AgentMappingOptions } from './agent-mapper';

/** Options of {@link agenticRetrieve}. */
export interface AgenticRetrieveOptions extends SourceOptions, AgentMappingOptions {
  /** The run's `threadId`, usually `input.threadId`. Default: a new UUID. */
  readonly threadId?: string;
}

/**
 * Lets the service plan and run retrievals by AgenticRetrieveStream and yields the answer as one AG-UI run.
 *
 * Text and the steps of the retrieval come as they happen, citations with the final result. RUN_FINISHED carries
 * `result.resultCount` and, when there are more, `result.nextToken`. `break` and `signal` close the connection.
 *
 * @param input The command's input.
 * @throws TypeError, RangeError for a bad option, at once.
 * @throws AgentStreamError while iterating: UPSTREAM_TRUNCATED when the stream ends without `result`; otherwise as the
 * service says; the signal's reason on abort.
 *
 * @example
 * ```ts
 * import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
 * import { agenticRetrieve } from '@magi/lambda-stream/bedrock-agent';
 *
 * const run = agenticRetrieve(new BedrockAgentRuntimeClient({}), {
 *   messages: [{ role: 'user', content: { text: 'Compare the two contracts' } }],
 *   retrievers: [{ configuration: { knowledgeBase: { knowledgeBaseId: 'KB1' } } }],
 *   agenticRetrieveConfiguration: { foundationModelType: 'MANAGED' },
 *   generateResponse: true,
 * });
 * for await (const event of run) console.log(event);
 * ```
 */
export function agenticRetrieve(
  client: BedrockAgentRuntimeClient,
  input: AgenticRetrieveStreamCommandInput,
  options: AgenticRetrieveOptions = {},
): AsyncIterableIterator<AgentEvent> {
  checkSourceOptions('agenticRetrieve', options, ['threadId', 'includeTraceText']);
  // A named import of a command that an older client lacks would break the whole entry.
  if (sdk.AgenticRetrieveStreamCommand === undefined) {
    throw new TypeError(
      'Cannot call agenticRetrieve(): the installed "@aws-sdk/client-bedrock-agent-runtime" is too old for it',
    );
  }
  const command = new sdk.AgenticRetrieveStreamCommand(input);
  return runUpstream(
    {
      threadId: options.threadId ?? globalThis.crypto.randomUUID(),
      middlewareStack: command.middlewareStack,
      send: (abortSignal) => client.send(command, { abortSignal }),
      frames: (output) => output.stream,
      createMapper: () => createAgenticMapper(options.includeTraceText ?? false),
    },
    options,
  );
}

const STATUSES: Readonly<Record<string, TraceStep['status']>> = {
  IN_PROGRESS: 'started',
  SUCCEEDED: 'finished',
  FAILED: 'failed',
};

function createAgenticMapper(
  includeTraceText: boolean,
): FrameMapper<AgenticRetrieveStreamResponseOutput> {
  const message = createTextMessage(globalThis.crypto.randomUUID());
  let result: AgenticRetrieveResultEvent | undefined;

  const trace = ({ id, timestamp, attributes }: AgenticRetrieveTraceEvent, emit: Emit): void => {
    const step = attributes?.step ?? 'Step';
    const status = STATUSES[attributes?.status ?? ''] ?? 'finished';
    const { actions, warnings, failures, retrievalResponse, message: text } = attributes ?? {};
    emit(
      customEvent('magi.trace', {
        id: id ?? `${message.messageId}:${step}`,
        kind: `retrieval-${kebab(step)}`,
        label: words(step),
        status,
        ...(status === 'started' && timestamp !== undefined && { startedAtMs: timestamp }),
        detail: {
          ...(retrievalResponse !== undefined && { results: retrievalResponse.length }),
          ...(warnings !== undefined && { warnings: warnings.length }),
          ...(failures !== undefined && { failures: failures.length }),
          ...(includeTraceText && { message: text, actions, warnings, failures }),
        },
      }),
    );
  };

  const cite = (event: AgenticRetrieveResultEvent, emit: Emit): void => {
    const { generatedResponse, results = [] } = event;
    // The answer comes whole when it was not streamed.
    if (message.length() === 0) message.append(generatedResponse?.answer ?? '', emit);
    let count = 0;
    for (const { startIndex, endIndex, references } of generatedResponse?.citations ?? []) {
      for (const { resultIndex } of references ?? []) {
        const found = results[resultIndex ?? -1];
        if (found === undefined) continue;
        count += 1;
        const quote = unionText(found.content);
        const { title, uri } = describeMetadata(found.metadata);
        emit(
          customEvent('magi.citation', {
            messageId: message.messageId,
            id: `${message.messageId}:citation:${count}`,
            ...(startIndex !== undefined &&
              endIndex !== undefined && { span: { start: startIndex, end: endIndex } }),
            ...(quote !== undefined && { quote }),
            ...(title !== undefined && { title }),
            ...(uri !== undefined && { uri }),
            ...(found.metadata !== undefined && { metadata: found.metadata }),
          }),
        );
      }
    }
  };

  return {
    map(frame, emit) {
      const member = unionMember(frame);
      switch (member?.name) {
        case 'responseEvent':
          message.append(frame.responseEvent?.text ?? '', emit);
          return;
        case 'traceEvent':
          trace(member.value as AgenticRetrieveTraceEvent, emit);
          return;
        case 'result':
          result = member.value as AgenticRetrieveResultEvent;
          cite(result, emit);
          return;
        default:
          if (member !== undefined) {
            const event = { [member.name]: member.value };
            emit({ type: 'RAW', event, source: 'bedrock-agentic-retrieve' });
          }
      }
    },
    finish(emit) {
      if (result === undefined) return undefined;
      message.end(emit);
      const { nextToken, results = [] } = result;
      return {
        result: { resultCount: results.length, ...(nextToken !== undefined && { nextToken }) },
      };
    },
  };
}

function unionText(content: unknown): string | undefined {
  return isRecord(content) && typeof content.text === 'string' ? content.text : undefined;
}

/** Where knowledge bases customarily keep the address and the title of a document. */
function describeMetadata(metadata: unknown): { title?: string; uri?: string } {
  if (!isRecord(metadata)) return {};
  const { title } = metadata;
  const uri = metadata['x-amz-bedrock-kb-source-uri'] ?? metadata.source_uri ?? metadata.uri;
  return {
    ...(typeof title === 'string' && { title }),
    ...(typeof uri === 'string' && { uri }),
  };
}

function words(name: string): string {
  const spaced = name.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

function kebab(name: string): string {
  return words(name).toLowerCase().replaceAll(' ', '-');
}
