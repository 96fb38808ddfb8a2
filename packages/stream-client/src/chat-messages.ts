import { type ContentPart, contentText, type Message, type ToolCall } from '@magi/stream-protocol';
import type { ChatMessage, ToolCallView } from './conversation-types';
import type { Draft } from './event-store';

/** Whom a message belongs to. */
export interface Owner {
  readonly runId?: string;
  readonly subagentRunId?: string;
}

/** One empty list for all. */
export const NONE: readonly never[] = [];

export function blankMessage(id: string, role: ChatMessage['role'], owner: Owner): ChatMessage {
  return {
    id,
    role,
    text: '',
    state: 'streaming',
    toolCalls: NONE,
    citations: NONE,
    files: NONE,
    ...owner,
  };
}

/** The fields of all AG-UI messages, whatever their role. */
interface AnyMessage extends Owner {
  readonly id: string;
  readonly role: ChatMessage['role'];
  readonly content?: string | readonly ContentPart[];
  readonly toolCalls?: readonly ToolCall[];
  readonly activityType?: string;
}

/** Reads one AG-UI message. */
export function fromMessage(message: AnyMessage): ChatMessage {
  const { content, toolCalls = NONE, activityType, ...rest } = message;
  const { id, role } = rest;
  return {
    ...blankMessage(id, role, rest),
    state: 'complete',
    ...((role === 'user' || role === 'tool') && { content }),
    ...(activityType
      ? { activity: { type: activityType, content } }
      : { text: contentText(content) }),
    toolCalls: toolCalls.map(({ type, function: { name, arguments: argumentsText }, ...call }) => ({
      ...call,
      name,
      argumentsText,
      state: 'called',
    })),
  } as ChatMessage;
}

/** Reads AG-UI messages; the answer of a tool joins its call. */
export function fromMessages(messages: readonly Message[]): ChatMessage[] {
  const calls = new Map<string, Draft<ToolCallView>>();
  const views: ChatMessage[] = [];
  for (const message of messages) {
    const answered = message.role === 'tool' && calls.get(message.toolCallId);
    if (answered) {
      const { content: result, id: resultId, role, toolCallId, ...answer } = message;
      Object.assign(answered, { state: 'answered', result, resultId });
      if (Object.keys(answer).length) answered.answer = answer;
      continue;
    }
    const view = fromMessage(message as AnyMessage);
    for (const call of view.toolCalls) calls.set(call.id, call);
    views.push(view);
  }
  return views;
}

/**
 * What the agent is told of the conversation: all but activities, what stayed empty, and calls that never got their answer.
 *
 * Citations and files are not AG-UI's and are left out.
 */
export function toMessages(views: readonly ChatMessage[]): Message[] {
  return views.flatMap((view) => {
    const { text, state, runId, citations, files, activity, content, ...message } = view;
    const calls = view.toolCalls.filter(
      (call) => call.state === 'answered' || (call.state === 'called' && state === 'complete'),
    );
    const isSaid = content !== undefined || text || calls.length || view.encryptedValue;
    if (activity || !isSaid) return [];
    return [
      {
        ...message,
        content: content ?? (view.role === 'assistant' ? text || undefined : text),
        toolCalls: calls.length
          ? calls.map(
              ({
                name,
                argumentsText,
                state,
                result,
                resultId,
                answer,
                subagentRunId,
                ...call
              }) => ({
                ...call,
                type: 'function',
                function: { name, arguments: argumentsText },
              }),
            )
          : undefined,
      },
      ...calls.flatMap(({ id, result, resultId = `${id}-result`, answer }) =>
        result === undefined
          ? []
          : { ...answer, id: resultId, role: 'tool', toolCallId: id, content: result },
      ),
    ] as Message[];
  });
}
