import { isRecord } from '../../sources/is-record';
import type { FrameMapper } from '../../sources/run-upstream';
import { createTextMessage } from '../../sources/text-message';

/** Where agents customarily put the text of an answer, in the order of preference. */
const TEXT_KEYS = [
  'text',
  'delta',
  'data',
  'content',
  'chunk',
  'token',
  'response',
  'output',
  'answer',
  'completion',
  'result',
  'message',
];

/** Takes strings as text and finds the text in objects; an object without any becomes RAW. */
export function createPlainMapper(): FrameMapper<unknown> {
  const message = createTextMessage(globalThis.crypto.randomUUID());
  return {
    map(value, emit) {
      const text = findText(value);
      if (text === undefined) emit({ type: 'RAW', event: value, source: 'agentcore-runtime' });
      else message.append(text, emit);
    },
    finish(emit) {
      message.end(emit);
      return {};
    },
  };
}

/** The text of a string, of content parts, or of the first customary key of an object. */
export function findText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) {
    const texts = value.map(findText).filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join('');
  }
  if (!isRecord(value)) return undefined;
  for (const key of TEXT_KEYS) {
    const text = key in value ? findText(value[key]) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}
