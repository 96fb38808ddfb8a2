import { type RunItem, type RunRequest, streamHandler } from '@magi/lambda-stream';
import { createRandom, type Random } from '../../support/random';

const never = new Promise<never>(() => undefined);
const untyped = (value: unknown) => value as RunItem;

/** What a run has opened so far: valid events refer to it. */
interface Open {
  messages: string[];
  tools: string[];
  subagents: string[];
}

const items: readonly ((random: Random, id: string, open: Open) => unknown)[] = [
  () => 'word ',
  () => '言葉。',
  (random) => 'block '.repeat(random.below(4000)),
  (_, id) => ({ type: 'CUSTOM', name: 'n', value: id }),
  (_, id) => ({ type: 'STEP_STARTED', stepName: id }),
  (_, id, { messages }) => {
    messages.push(id);
    return { type: 'TEXT_MESSAGE_START', messageId: id };
  },
  (random, _, { messages }) => {
    if (messages.length === 0) return 'text';
    return { type: 'TEXT_MESSAGE_CONTENT', messageId: random.pick(messages), delta: '文字' };
  },
  (_, __, { messages }) => {
    const messageId = messages.pop();
    return messageId === undefined ? 'text' : { type: 'TEXT_MESSAGE_END', messageId };
  },
  (_, id, { tools }) => {
    tools.push(id);
    return { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: 'search' };
  },
  (random, _, { tools }) => {
    if (tools.length === 0) return 'text';
    return { type: 'TOOL_CALL_ARGS', toolCallId: random.pick(tools), delta: '{' };
  },
  (_, id) => ({ type: 'REASONING_START', messageId: id }),
  (_, id, { subagents }) => {
    subagents.push(id);
    return { type: 'SUBAGENT_STARTED', subagentRunId: id, name: 'sage' };
  },
  (_, __, { subagents }) => {
    const subagentRunId = subagents.pop();
    return subagentRunId === undefined ? 'text' : { type: 'SUBAGENT_FINISHED', subagentRunId };
  },
];

const faults: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => 7,
  () => ({}),
  () => ({ type: 'NO_SUCH_TYPE' }),
  () => ({ type: 'TEXT_MESSAGE_CONTENT' }),
  () => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'unopened', delta: 'x' }),
  () => ({ type: 'TOOL_CALL_END', toolCallId: 'unopened' }),
  () => ({ type: 'SUBAGENT_FINISHED', subagentRunId: 'unopened' }),
  () => ({ type: 'RUN_STARTED' }),
  () => ({ type: 'RUN_STARTED', threadId: 't', runId: 'again' }),
  () => ({ type: 'RUN_FINISHED', threadId: 't', runId: 'early' }),
  () => ({ type: 'RUN_ERROR', message: 'Told by the source' }),
  () => ({ type: 'CUSTOM', name: 'n', value: 1n }),
  () => {
    throw new Error('The source failed');
  },
  () => {
    throw 'a string';
  },
];

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One random run: what it yields, when, where it fails, whether it heeds its signal, how it closes. */
function randomRun({ input, signal }: RunRequest): AsyncIterable<RunItem> {
  const { seed } = input.forwardedProps as { seed: number };
  const random = createRandom(seed);
  const length = random.below(40);
  const faultChance = random.pick([0, 0.02, 0.2]);
  const ending = random.pick(['return', 'throw', 'hang', 'hang until aborted', 'return']);
  const closing = random.pick(['quiet', 'throws', 'hangs', 'quiet']);
  const heeding = random.chance(0.5);
  const open: Open = { messages: [], tools: [], subagents: [] };
  let index = 0;

  const next = async (): Promise<IteratorResult<RunItem>> => {
    if (heeding && signal.aborted) throw signal.reason;
    if (random.chance(0.2)) await sleep(random.below(4));
    index += 1;
    if (index <= length) {
      const value = random.chance(faultChance)
        ? random.pick(faults)()
        : random.pick(items)(random, `id-${index}`, open);
      return { done: false, value: untyped(value) };
    }
    if (ending === 'throw') throw new TypeError('The source failed at its end');
    if (ending === 'hang') await never;
    if (ending === 'hang until aborted') {
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    }
    return { done: true, value: undefined };
  };
  const close = async (): Promise<IteratorResult<RunItem>> => {
    if (closing === 'throws') throw new Error('The source failed to close');
    if (closing === 'hangs') await never;
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: close }) };
}

export const handler = streamHandler(randomRun, {
  authorize: null,
  deadlineMarginMs: 60,
  keepAliveMs: 5,
  onError: () => undefined,
});
