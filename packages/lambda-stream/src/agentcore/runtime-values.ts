import { createSseDecoder } from '@magi/stream-protocol/sse';
import { AgentStreamError } from '../agent-stream-error';
import { truncated } from '../sources/upstream-error';

const END_OF_EVENT = new TextEncoder().encode('\n\n');

const DONE = '[DONE]';

const NUMBER_OR_BOOLEAN = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|true|false)$/i;

/** The largest JSON answer that is read as a whole, in bytes: AgentCore's own bound of one chunk. */
const MAX_JSON_BYTES = 10 * 1024 * 1024;

/**
 * Reads the body of a runtime's answer as values: of a `text/event-stream` the data of each event, parsed where it is
 * JSON; of a JSON body its one value; of anything else its text as it comes.
 */
export async function* readRuntimeValues(
  body: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<unknown, void, undefined> {
  const mediaType = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'text/event-stream') yield* readEvents(body);
  else if (mediaType === 'application/json' || mediaType.endsWith('+json'))
    yield await readJson(body);
  else yield* readText(body);
}

async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const values: unknown[] = [];
  let isDone = false;
  let isText = false;
  const decoder = createSseDecoder({
    onEvent({ data, event }) {
      // Servers in the manner of OpenAI end with this mark; only before another event it is text.
      if (isDone) values.push(DONE);
      isDone = data === DONE;
      if (isDone) return;
      // Among words it is one; else it is what the Python SDK writes for an agent that yields `None`, as it may yield numbers.
      const value = data === 'null' && !isText ? null : parseData(data);
      isText ||= value === data && !NUMBER_OR_BOOLEAN.test(data);
      // The TypeScript SDK of AgentCore names the event that reports a failure.
      const isFailure = event === 'error' && (value === null || typeof value === 'string');
      values.push(isFailure ? { error: value || event } : value);
    },
  });
  for await (const bytes of body) {
    decoder.push(bytes);
    yield* values.splice(0);
  }
  // An event that lacks its blank line is incomplete: if ending it here gives one, the stream was cut inside it.
  decoder.push(END_OF_EVENT);
  decoder.end();
  if (values.length > 0) throw truncated(undefined);
}

async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of body) {
    chunks.push(bytes);
    length += bytes.byteLength;
    if (length > MAX_JSON_BYTES) {
      throw new AgentStreamError('The answer is too large', {
        code: 'UPSTREAM_TOO_LARGE',
        retryable: false,
      });
    }
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return text.trim() === 'null' ? null : parseData(text);
}

async function* readText(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}

/**
 * The Python SDK writes whatever the agent yields as JSON, other servers plain text. A number, `true` or `false` may be a word
 * of that text, so it stays text.
 */
function parseData(data: string): unknown {
  try {
    if (!/^\s*["[{]/.test(data)) return data;
    return JSON.parse(data);
  } catch {
    return data;
  }
}
