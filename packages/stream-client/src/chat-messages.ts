import { contentText, type Message } from '@magi/stream-protocol';
import type { ChatMessage, ToolCallView } from './conversation-types';

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

/** Returns the named fields that are there. */
function pick<T extends object, K extends PropertyKey>(
  from: T,
  ...names: K[]
): Pick<T, K & keyof T> {
  return Object.fromEntries(
    Object.entries(from).filter(
      ([name, value]) => (names as unknown[]).includes(name) && value !== undefined,
    ),
  ) as Pick<T, K & keyof T>;
}

/** Reads AG-UI messages; the answer of a tool joins its call. */
export function fromMessages(messages: readonly Message[]): ChatMessage[] {
  const calls = new Map<string, { -readonly [K in keyof ToolCallView]: ToolCallView[K] }>();
  const views: ChatMessage[] = [];
  for (const message of messages) {
    const { id, role } = message;
    const answered = role === 'tool' && calls.get(message.toolCallId);
    if (answered) {
      Object.assign(answered, { state: 'answered', result: message.content, resultId: id });
      continue;
    }
    const view = {
      ...blankMessage(id, role, {}),
      ...pick(message, 'subagentRunId', 'name', 'encryptedValue', 'toolCallId'),
      state: 'complete',
    } as const;
    if (role === 'activity') {
      views.push({ ...view, activity: { type: message.activityType, content: message.content } });
      continue;
    }
    const toolCalls = role === 'assistant' ? message.toolCalls : undefined;
    views.push({
      ...view,
      text: contentText(message.content),
      ...((role === 'user' || role === 'tool') && { content: message.content }),
      toolCalls:
        toolCalls?.map((call) => {
          const { name, arguments: argumentsText } = call.function;
          const toolCall: ToolCallView = {
            ...pick(call, 'id', 'encryptedValue'),
            name,
            argumentsText,
            state: 'called',
          };
          calls.set(call.id, toolCall);
          return toolCall;
        }) ?? NONE,
    });
  }
  return views;
}

/** What the agent is told of the conversation: all but activities, what stayed empty, and calls that never got their answer. */
export function toMessages(views: readonly ChatMessage[]): Message[] {
  return views.flatMap((view): Message[] => {
    const { id, role, text, state } = view;
    const base = { id, ...pick(view, 'subagentRunId', 'name', 'encryptedValue') };
    switch (role) {
      case 'activity':
        return [];
      case 'user':
        return [{ ...base, role, content: (view.content ?? text) as string }];
      case 'tool':
        return [
          {
            ...base,
            role,
            content: (view.content ?? text) as string,
            toolCallId: view.toolCallId ?? id,
          },
        ];
      case 'assistant': {
        const calls = view.toolCalls.filter(
          (call) => call.state === 'answered' || (call.state === 'called' && state === 'complete'),
        );
        if (!text && !calls.length) return [];
        return [
          {
            ...base,
            role,
            ...(text && { content: text }),
            ...(calls.length && {
              toolCalls: calls.map((call) => ({
                ...pick(call, 'id', 'encryptedValue'),
                type: 'function',
                function: { name: call.name, arguments: call.argumentsText },
              })),
            }),
          },
          ...calls.flatMap((call): Message[] =>
            call.result === undefined
              ? []
              : [
                  {
                    id: call.resultId ?? `${call.id}-result`,
                    role: 'tool',
                    toolCallId: call.id,
                    content: call.result as string,
                  },
                ],
          ),
        ];
      }
      default:
        return text || view.encryptedValue ? [{ ...base, role, content: text } as Message] : [];
    }
  });
}
