import { createRequire } from 'node:module';
import { createParser } from 'eventsource-parser';
import { createSseDecoder, type SseEvent } from './decode';

/** One decoding of a whole stream, cut into chunks. */
export type Decode = (chunks: readonly Uint8Array[]) => SseEvent[];

export const decodeOurs: Decode = (chunks) => {
  const events: SseEvent[] = [];
  const decoder = createSseDecoder({ onEvent: (event) => events.push(event) });
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return events;
};

/** The specification's algorithm word for word, on the whole stream at once. */
export const decodeBySpecification: Decode = (chunks) => {
  const stream = new TextDecoder().decode(Buffer.concat(chunks));
  const events: SseEvent[] = [];
  let data = '';
  let event = '';
  let idBuffer = '';
  // The piece after the last line end is an unterminated line: discarded.
  for (const line of stream.split(/\r\n|\n|\r/).slice(0, -1)) {
    if (line === '') {
      const id = idBuffer;
      if (data !== '')
        events.push({ data: data.replace(/\n$/, ''), event: event || 'message', id });
      data = '';
      event = '';
      continue;
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?([\s\S]*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    if (field === 'data') data += `${value}\n`;
    if (field === 'id' && !value.includes('\0')) idBuffer = value;
  }
  return events;
};

/**
 * `eventsource-parser` 3.1.1. Its events carry the id of their own block only, so the persistent one is kept here; a block
 * with an id and no data is invisible to it, which is why its ids are not compared (`undefined`).
 */
export function decodeWithEventsourceParser(chunks: readonly Uint8Array[]) {
  const events: { data: string; event: string; ownId: string | undefined }[] = [];
  const parser = createParser({
    onEvent: ({ data, event, id }) => events.push({ data, event: event ?? 'message', ownId: id }),
  });
  // Node 24's own removal takes two byte order marks where the first one is cut.
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  let begun = false;
  for (const chunk of chunks) {
    const piece = text.decode(chunk, { stream: true });
    parser.feed(begun ? piece : piece.replace(/^\ufeff/, ''));
    begun ||= piece !== '';
  }
  return events;
}

interface UndiciEvent {
  type: string;
  options: { data: string; lastEventId: string };
}

interface UndiciStream {
  _transform(chunk: Uint8Array, encoding: string, callback: (error?: Error) => void): void;
  parseLine(line: Buffer, event: { event: string | undefined }): void;
}

interface UndiciModule {
  EventSourceStream: new (options: {
    push(event: UndiciEvent): boolean;
    eventSourceSettings: { lastEventId: string };
  }) => UndiciStream;
}

const { EventSourceStream }: UndiciModule = createRequire(import.meta.url)(
  'undici/lib/web/eventsource/eventsource-stream.js',
);

/** It lets an empty `event` field pass, where the specification says that it resets the event type. */
class CorrectedEventSourceStream extends EventSourceStream {
  override parseLine(line: Buffer, event: { event: string | undefined }): void {
    if (/^event(: ?)?$/.test(line.toString('latin1'))) {
      event.event = undefined;
    }
    super.parseLine(line, event);
  }
}

/** The parser of Node's own EventSource. */
export const decodeWithUndici: Decode = (chunks) => {
  const events: SseEvent[] = [];
  const stream = new CorrectedEventSourceStream({
    push({ type, options }) {
      events.push({ data: options.data, event: type, id: options.lastEventId });
      return true;
    },
    eventSourceSettings: { lastEventId: '' },
  });
  for (const chunk of chunks) {
    stream._transform(Buffer.from(chunk), 'buffer', (error) => {
      if (error) throw error;
    });
  }
  return events;
};
