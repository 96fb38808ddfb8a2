import {
  type AgentEvent,
  type AgentEventOf,
  type AgentFile,
  type Citation,
  createChunkExpander,
  type RunAgentInput,
} from '@magi/stream-protocol';

/** A part of the UI message stream, of those that AI SDK 6 and 7 share. They refuse a part that they do not know, and `null`. */
type UiPart = { readonly type: string } & Readonly<Record<string, unknown>>;

/** Names that could change what every object inherits: the page's parser refuses a frame that holds them, and the chat fails. */
const withoutForbidden = (name: string, value: unknown) => {
  const isForbidden =
    name === '__proto__' || (name === 'constructor' && Object.hasOwn(Object(value), 'prototype'));
  return isForbidden ? undefined : value;
};
const frame = (part: UiPart): string => `data: ${JSON.stringify(part, withoutForbidden)}\n\n`;
const DONE = 'data: [DONE]\n\n';

/** Says whose a part is, where it is not the parent agent's. */
const ofSubagent = ({ subagentRunId }: { subagentRunId?: string | undefined }) =>
  subagentRunId === undefined ? {} : { providerMetadata: { magi: { subagentRunId } } };

/** What has no part of its own reaches the page's `onData`, and is not kept. */
const transient = (event: AgentEvent): UiPart => ({
  type: `data-${event.type.toLowerCase().replaceAll('_', '-')}`,
  data: event,
  transient: true,
});

/** JSON where text is JSON of an object or a list, else the text: `42` may well be a word. */
function readOutput(content: AgentEventOf<'TOOL_CALL_RESULT'>['content']): unknown {
  if (typeof content !== 'string' || !/^\s*[[{]/.test(content)) return content;
  try {
    return JSON.parse(content);
  } catch {
    return content;
  }
}

function citationParts(citation: Citation): UiPart[] {
  const { id, uri, title } = citation;
  const source = /^https?:/i.test(uri ?? '')
    ? { type: 'source-url', sourceId: id, url: uri, title }
    : {
        type: 'source-document',
        sourceId: id,
        mediaType: 'text/plain',
        title: title ?? uri ?? 'Source',
      };
  return [source, { type: 'data-citation', id, data: citation }];
}

function customParts({ name, value }: AgentEventOf<'CUSTOM'>): UiPart[] {
  switch (name) {
    case 'magi.citation':
      return citationParts(value as Citation);
    case 'magi.file': {
      const { mimeType, url, data } = value as AgentFile;
      return [{ type: 'file', mediaType: mimeType, url: url ?? `data:${mimeType};base64,${data}` }];
    }
    case 'magi.trace':
      return [{ type: 'data-trace', data: value, transient: true }];
    default:
      return [{ type: `data-${name.replace(/^magi\./, '')}`, data: value }];
  }
}

/** The calls of the message that the page goes on with: what came after the user's last. */
function earlierCalls(body: unknown): string[] {
  const { messages = [] } = Object(body) as Partial<RunAgentInput>;
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  return messages
    .slice(asked + 1)
    .flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
    .map(({ id }) => id);
}

/** Creates the encoder of one run into the UI message stream. `body`: the run's `RunAgentInput`. */
export function createUiEncoder(body?: unknown): (event: AgentEvent) => string {
  const expand = createChunkExpander();
  /** Ids of the text and the reasoning that are open, as `text:m1`. */
  const open = new Set<string>();
  /** Calls whose input is still coming, and whose input is there. */
  const inputs = new Map<string, { call: object; text: string }>();
  const called = new Set(earlierCalls(body));
  /** Calls of this step that have no result. */
  const pending = new Set<string>();
  const subagents = new Map<string, object>();
  let runId = '';
  /**
   * What follows the results of tools is a step of its own: the page takes a step whose calls have their results for one to answer.
   * A call that waits for the page keeps its step, as the page looks at the last one only.
   */
  let isStepOver = false;

  function* said(kind: 'text' | 'reasoning', event: AgentEvent): Generator<UiPart> {
    const { type, messageId: id, delta } = event as AgentEventOf<'TEXT_MESSAGE_CONTENT'>;
    const key = `${kind}:${id}`;
    if (type.endsWith('_START')) {
      const { role = 'assistant' } = event as AgentEventOf<'TEXT_MESSAGE_START'>;
      if (kind === 'text' && role !== 'assistant') yield transient(event);
      else {
        open.add(key);
        yield { type: `${kind}-start`, id, ...ofSubagent(event as object) };
      }
    } else if (!open.has(key)) yield transient(event);
    else if (type.endsWith('_CONTENT')) yield { type: `${kind}-delta`, id, delta };
    else {
      open.delete(key);
      yield { type: `${kind}-end`, id };
    }
  }

  function* toolInput(toolCallId: string): Generator<UiPart> {
    const input = inputs.get(toolCallId);
    if (input === undefined) return;
    inputs.delete(toolCallId);
    called.add(toolCallId);
    const { call } = input;
    try {
      yield { type: 'tool-input-available', ...call, input: JSON.parse(input.text || '{}') };
    } catch {
      const errorText = 'The arguments are not JSON';
      yield { type: 'tool-input-error', ...call, input: input.text, errorText };
    }
  }

  function subagent(subagentRunId: string, more: object): UiPart {
    const data = { ...subagents.get(subagentRunId), ...more };
    subagents.set(subagentRunId, data);
    return { type: 'data-subagent', id: subagentRunId, data };
  }

  function* finished({ outcome, usage }: AgentEventOf<'RUN_FINISHED'>): Generator<UiPart> {
    const interrupts = outcome?.type === 'interrupt' ? outcome.interrupts : [];
    for (const interrupt of interrupts) {
      const { id, reason, toolCallId } = interrupt;
      // A part takes the place of an earlier one with its id, and an agent may ask with one id in every run.
      yield { type: 'data-interrupt', id: `${runId}/${id}`, data: interrupt };
      if (reason === 'confirmation' && toolCallId !== undefined && called.has(toolCallId))
        yield { type: 'tool-approval-request', approvalId: id, toolCallId };
    }
    yield { type: 'finish-step' };
    const other = outcome?.type === 'cancelled' ? 'other' : 'stop';
    const finishReason = interrupts.length > 0 ? 'tool-calls' : other;
    yield { type: 'finish', finishReason, messageMetadata: usage && { usage } };
  }

  function* partsOf(event: AgentEvent): Generator<UiPart> {
    const isBetween = open.size === 0 && pending.size === 0;
    if (isStepOver && isBetween && event.type !== 'TOOL_CALL_RESULT') {
      isStepOver = false;
      yield { type: 'finish-step' };
      yield { type: 'start-step' };
    }
    switch (event.type) {
      case 'RUN_STARTED': {
        ({ runId } = event);
        yield { type: 'start', messageMetadata: { threadId: event.threadId, runId } };
        yield { type: 'start-step' };
        return;
      }
      case 'RUN_FINISHED':
        yield* finished(event);
        return;
      case 'RUN_ERROR': {
        const { message, code, usage } = event;
        yield { type: 'message-metadata', messageMetadata: { errorCode: code, usage } };
        yield { type: 'error', errorText: message };
        return;
      }
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_END':
        yield* said('text', event);
        return;
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_END':
        yield* said('reasoning', event);
        return;
      case 'TOOL_CALL_START': {
        const { toolCallId, toolCallName: toolName } = event;
        const call = { toolCallId, toolName, dynamic: true, ...ofSubagent(event) };
        inputs.set(toolCallId, { call, text: '' });
        pending.add(toolCallId);
        yield { type: 'tool-input-start', ...call };
        return;
      }
      case 'TOOL_CALL_ARGS': {
        const { toolCallId, delta } = event;
        const input = inputs.get(toolCallId);
        if (input === undefined) return;
        input.text += delta;
        yield { type: 'tool-input-delta', toolCallId, inputTextDelta: delta };
        return;
      }
      case 'TOOL_CALL_END':
        yield* toolInput(event.toolCallId);
        return;
      case 'TOOL_CALL_RESULT': {
        const { toolCallId, content } = event;
        yield* toolInput(toolCallId);
        // The page looks for the call in the message that it goes on with, and fails where it is not.
        if (!called.has(toolCallId)) yield transient(event);
        else {
          isStepOver = true;
          pending.delete(toolCallId);
          yield {
            type: 'tool-output-available',
            toolCallId,
            output: readOutput(content),
            dynamic: true,
          };
        }
        return;
      }
      case 'CUSTOM':
        yield* customParts(event);
        return;
      case 'SUBAGENT_STARTED': {
        const { name, description } = event;
        yield subagent(event.subagentRunId, { name, description, status: 'running' });
        return;
      }
      case 'SUBAGENT_FINISHED': {
        const status = event.outcome?.type === 'suspended' ? 'suspended' : 'finished';
        yield subagent(event.subagentRunId, { status, result: event.result });
        return;
      }
      case 'SUBAGENT_ERROR': {
        const { message, code } = event;
        yield subagent(event.subagentRunId, { status: 'failed', message, code });
        return;
      }
      default:
        yield transient(event);
    }
  }

  return (event) => {
    let text = '';
    for (const expanded of expand(event)) for (const part of partsOf(expanded)) text += frame(part);
    return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR' ? text + DONE : text;
  };
}
