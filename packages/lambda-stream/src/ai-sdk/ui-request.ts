import type { ContentPart, Interrupt, Message, ResumeEntry } from '@magi/stream-protocol';
import type { StandardResult, StandardSchema } from '../standard-schema';

/** The engine's bound of a `threadId`. */
const MAX_ID_CHARS = 512;

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

/** A subagent's words and calls are not what the agent itself said and did. */
const isOfSubagent = ({
  providerMetadata,
  callProviderMetadata = providerMetadata,
}: Part): boolean => {
  const magi = isFields(callProviderMetadata) ? callProviderMetadata.magi : undefined;
  return isFields(magi) && magi.subagentRunId !== undefined;
};

function ownText(parts: readonly Part[]): string {
  const texts = parts.filter((part) => part.type === 'text' && !isOfSubagent(part));
  return texts.map(({ text }) => textOf(text)).join('');
}

function mediaPart({ mediaType, url }: Part): ContentPart {
  const mimeType = String(mediaType);
  const kind = /^(image|audio|video)\//.exec(mimeType)?.[1] ?? 'document';
  const [, base64, data] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(String(url)) ?? [];
  const value = base64 ? data : data && Buffer.from(decodeURIComponent(data)).toString('base64');
  return {
    type: kind as 'image' | 'audio' | 'video' | 'document',
    source:
      value === undefined
        ? { type: 'url', value: String(url), mimeType }
        : { type: 'data', value, mimeType },
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
    const calls = step.filter(
      (part) => isTool(part) && part.state !== 'input-streaming' && !isOfSubagent(part),
    );
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

/** The answers to the interrupts of the last run that said anything. A message that the user wrote instead of an answer declines. */
function resumeOf(messages: readonly UiMessage[]): ResumeEntry[] {
  const asking = messages.findLast(({ role }) => role === 'assistant');
  if (asking === undefined) return [];
  const { parts } = asking;
  // A run that failed before its first part has begun a step, too.
  const end = parts.findLastIndex(({ type }) => type !== 'step-start') + 1;
  const start = parts.findLastIndex(({ type }, i) => type === 'step-start' && i < end) + 1;
  const calls = new Map(parts.filter(isTool).map((part) => [part.toolCallId, part]));
  const isDeclined = messages.at(-1) !== asking;
  return parts.slice(start, end).flatMap(({ type, data }) => {
    if (type !== 'data-interrupt' || !isFields(data)) return [];
    const { id, toolCallId } = data as Partial<Interrupt>;
    const call = toolCallId === undefined ? undefined : calls.get(toolCallId);
    const answer = call && answerOf(call);
    if (answer === undefined && !isDeclined) return [];
    return [{ interruptId: textOf(id), ...(answer ?? { status: 'cancelled' }) }];
  });
}

/** The fields of a part that are read as text, and must be. */
function textFields(part: Part): string[] {
  if (part.type === 'text') return ['text'];
  if (part.type === 'file') return ['mediaType', 'url'];
  if (part.type === 'dynamic-tool') return ['toolCallId', 'toolName'];
  return isTool(part) ? ['toolCallId'] : [];
}

type Issue = { readonly message: string; readonly path: readonly (string | number)[] };

/** What keeps a body from being a chat's. */
function issuesOf({ id, messages }: Fields): Issue[] {
  const issues: Issue[] = [];
  const expect = (holds: boolean, message: string, ...path: (string | number)[]): boolean => {
    if (!holds) issues.push({ message, path });
    return holds;
  };
  const isId = typeof id === 'string' && id !== '' && id.length <= MAX_ID_CHARS;
  expect(isId, `must be a string of 1 to ${MAX_ID_CHARS} characters`, 'id');
  const areMessages = Array.isArray(messages) && messages.length > 0;
  expect(areMessages, 'must be a non-empty array of UI messages', 'messages');
  for (const [i, message] of areMessages ? messages.entries() : []) {
    const at = ['messages', i] as const;
    if (!expect(isFields(message), 'must be a UI message', ...at)) continue;
    const { id, role, parts } = message;
    expect(typeof id === 'string', 'must be a string', ...at, 'id');
    const isRole = ['system', 'user', 'assistant'].includes(role);
    expect(isRole, 'must be "system", "user" or "assistant"', ...at, 'role');
    const areParts =
      Array.isArray(parts) &&
      parts.every((part) => isFields(part) && typeof part.type === 'string');
    if (!expect(areParts, 'must be an array of parts, each with a "type"', ...at, 'parts'))
      continue;
    for (const [j, part] of parts.entries())
      for (const name of textFields(part))
        expect(typeof part[name] === 'string', 'must be a string', ...at, 'parts', j, name);
  }
  return issues;
}

function toInput(body: Fields): unknown {
  const { id, messages, trigger, messageId, state, context, tools, resume, ...others } = body;
  const asked = messages as UiMessage[];
  const answers = resume ?? resumeOf(asked);
  return {
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
  };
}

function validate(body: unknown): StandardResult<unknown> {
  if (!isFields(body)) return { issues: [{ message: 'must be an object' }] };
  const issues = issuesOf(body);
  if (issues.length > 0) return { issues };
  try {
    return { value: toInput(body) };
  } catch {
    // Nested deeper than the stack is, or a data: URL that is none.
    const message = 'must hold data: URLs that can be decoded, and nothing nested too deep';
    return { issues: [{ message, path: ['messages'] }] };
  }
}

/**
 * The body that `useChat` posts, as AG-UI's `RunAgentInput`.
 *
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/transport
 */
export const uiRequest: StandardSchema = { '~standard': { version: 1, vendor: 'magi', validate } };
