import type { ContentPart, Interrupt, Message, ResumeEntry } from '@magi/stream-protocol';
import type { StandardResult, StandardSchema } from '../standard-schema';

type Fields = Readonly<Record<string, unknown>>;

/** What is read of a part of a `UIMessage`; every field may hold anything. */
interface Part extends Fields {
  readonly type: string;
}

interface UiMessage {
  readonly id: string;
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly Part[];
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const isTool = ({ type }: Part) => type === 'dynamic-tool' || type.startsWith('tool-');
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '');

/** A subagent's words are not what the agent itself said. */
const isOfSubagent = ({ providerMetadata }: Part): boolean => {
  const magi = isFields(providerMetadata) ? providerMetadata.magi : undefined;
  return isFields(magi) && magi.subagentRunId !== undefined;
};

function ownText(parts: readonly Part[]): string {
  const texts = parts.filter((part) => part.type === 'text' && !isOfSubagent(part));
  return texts.map(({ text }) => textOf(text)).join('');
}

function mediaPart({ mediaType, url }: Part): ContentPart {
  const mimeType = String(mediaType);
  const kind = /^(image|audio|video)\//.exec(mimeType)?.[1] ?? 'document';
  const [, data] = /^data:[^,]*;base64,(.*)$/s.exec(String(url)) ?? [];
  return {
    type: kind as 'image' | 'audio' | 'video' | 'document',
    source:
      data === undefined
        ? { type: 'url', value: String(url), mimeType }
        : { type: 'data', value: data, mimeType },
  };
}

function userContent(parts: readonly Part[]): string | ContentPart[] {
  const said = parts.filter(({ type }) => type === 'text' || type === 'file');
  if (said.every(({ type }) => type === 'text')) return ownText(said);
  return said.map((part) =>
    part.type === 'file' ? mediaPart(part) : { type: 'text', text: textOf(part.text) },
  );
}

/** The steps of an assistant's message: each is what it said and called, then what the calls returned. */
function assistantMessages({ id, parts }: UiMessage): Message[] {
  const steps: Part[][] = [[]];
  for (const part of parts) {
    if (part.type === 'step-start') steps.push([]);
    else steps.at(-1)?.push(part);
  }
  const messages: Message[] = [];
  for (const step of steps) {
    const content = ownText(step);
    const calls = step.filter((part) => isTool(part) && part.state !== 'input-streaming');
    if (content === '' && calls.length === 0) continue;
    messages.push({
      id: messages.length === 0 ? id : `${id}-${messages.length}`,
      role: 'assistant',
      content,
      ...(calls.length > 0 && {
        toolCalls: calls.map(({ type, toolCallId, toolName, input }) => ({
          id: String(toolCallId),
          type: 'function',
          function: {
            name: type === 'dynamic-tool' ? String(toolName) : type.slice('tool-'.length),
            arguments: textOf(input ?? {}),
          },
        })),
      }),
    });
    for (const { toolCallId, state, output, errorText } of calls) {
      const result = {
        id: `${toolCallId}-result`,
        role: 'tool',
        toolCallId: String(toolCallId),
      } as const;
      if (state === 'output-available') messages.push({ ...result, content: textOf(output) });
      if (state === 'output-error')
        messages.push({ ...result, content: '', error: textOf(errorText) });
    }
  }
  return messages;
}

/** What the state of a tool's part answers to the interrupt that asked for it; `undefined`: nothing yet. */
function answerOf({
  state,
  output,
  errorText,
  approval,
}: Part): Omit<ResumeEntry, 'interruptId'> | undefined {
  switch (state) {
    case 'output-available':
      // Who ran the call allowed it.
      return { status: 'resolved', payload: { approved: true, result: output } };
    case 'output-error':
      return {
        status: 'resolved',
        payload: { approved: true, result: errorText, state: 'REPROMPT' },
      };
    case 'approval-responded':
      return {
        status: 'resolved',
        payload: { approved: isFields(approval) && approval.approved === true },
      };
    case 'output-denied':
      return { status: 'cancelled' };
    default:
      return undefined;
  }
}

/** The answers to the interrupts of the last run. A message that the user wrote instead of an answer declines. */
function resumeOf(messages: readonly UiMessage[]): ResumeEntry[] {
  const asking = messages.findLast(({ role }) => role === 'assistant');
  if (asking === undefined) return [];
  const { parts } = asking;
  const lastStep = parts.slice(parts.findLastIndex(({ type }) => type === 'step-start') + 1);
  const isDeclined = messages.at(-1) !== asking;
  return lastStep.flatMap(({ type, data }) => {
    if (type !== 'data-interrupt' || !isFields(data)) return [];
    const { id, toolCallId } = data as Partial<Interrupt>;
    const call = parts.find((part) => isTool(part) && part.toolCallId === toolCallId);
    const answer = call && answerOf(call);
    if (answer === undefined && !isDeclined) return [];
    return [{ interruptId: String(id), ...(answer ?? { status: 'cancelled' }) }];
  });
}

function validate(body: unknown): StandardResult<unknown> {
  const issues: { message: string; path: (string | number)[] }[] = [];
  const expect = (holds: boolean, message: string, ...path: (string | number)[]) => {
    if (!holds) issues.push({ message, path });
    return holds;
  };
  if (!isFields(body)) return { issues: [{ message: 'must be an object' }] };
  const { id, messages, trigger, messageId, state, context, tools, resume, ...others } = body;
  expect(typeof id === 'string' && id !== '', 'must be a non-empty string', 'id');
  if (!Array.isArray(messages) || messages.length === 0)
    expect(false, 'must be a non-empty array of UI messages', 'messages');
  else
    messages.forEach((message: unknown, i) => {
      if (!expect(isFields(message), 'must be a UI message', 'messages', i)) return;
      const { id, role, parts } = message as Fields;
      expect(typeof id === 'string', 'must be a string', 'messages', i, 'id');
      const isRole = ['system', 'user', 'assistant'].includes(role as string);
      expect(isRole, 'must be "system", "user" or "assistant"', 'messages', i, 'role');
      const areParts =
        Array.isArray(parts) &&
        parts.every((part) => isFields(part) && typeof part.type === 'string');
      expect(areParts, 'must be an array of parts, each with a "type"', 'messages', i, 'parts');
    });
  if (issues.length > 0) return { issues };

  const asked = messages as UiMessage[];
  const answers = resume ?? resumeOf(asked);
  return {
    value: {
      protocolVersion: '1.0',
      threadId: id,
      runId: crypto.randomUUID(),
      messages: asked.flatMap((message): Message[] => {
        if (message.role === 'assistant') return assistantMessages(message);
        if (message.role === 'system')
          return [{ id: message.id, role: 'system', content: ownText(message.parts) }];
        return [{ id: message.id, role: 'user', content: userContent(message.parts) }];
      }),
      ...(state !== undefined && { state }),
      tools: tools ?? [],
      context: context ?? [],
      ...(Object.keys(others).length > 0 && { forwardedProps: others }),
      ...(!Array.isArray(answers) || answers.length > 0 ? { resume: answers } : {}),
    },
  };
}

/**
 * The body that `useChat` posts, as AG-UI's `RunAgentInput`.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/transport
 */
export const uiRequest: StandardSchema = { '~standard': { version: 1, vendor: 'magi', validate } };
