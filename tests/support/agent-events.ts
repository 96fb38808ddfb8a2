import { EventSchema } from '@ag-ui/core/schemas';
import { createParser } from 'eventsource-parser';

/** An event as the client of another project sees it. */
export interface WireEvent {
  type: string;
  [field: string]: unknown;
}

const terminal = new Set(['RUN_FINISHED', 'RUN_ERROR']);

/**
 * Reads an event stream with a parser that is not ours and checks each event against the AG-UI schemas.
 *
 * Throws when the stream ends inside an event, when an event is invalid, and when one carries a field that AG-UI does
 * not know.
 */
export function readEvents(text: string): WireEvent[] {
  const events: WireEvent[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      const parsed = EventSchema.safeParse(JSON.parse(data));
      if (!parsed.success) throw new Error(`Not an AG-UI event: ${data} (${parsed.error.message})`);
      events.push(JSON.parse(data));
    },
    onError: (error) => {
      throw new Error(`Not an event stream: ${error.message}`);
    },
  });
  parser.feed(text);
  if (text !== '' && !text.endsWith('\n\n')) throw new Error('The stream ends inside an event');
  return events;
}

/** Joins the deltas of all text messages. */
export function answerText(events: readonly WireEvent[]): string {
  return events
    .filter((event) => event.type === 'TEXT_MESSAGE_CONTENT')
    .map((event) => String(event.delta))
    .join('');
}

/** Returns the one terminal event, or throws a sentence that tells what is wrong with the run. */
export function terminalEvent(events: readonly WireEvent[]): WireEvent {
  const [first] = events;
  if (first === undefined) throw new Error('The run has no events');
  // A run may fail before it starts; then its error is the only event.
  if (first.type !== 'RUN_STARTED' && !(first.type === 'RUN_ERROR' && events.length === 1)) {
    throw new Error(`The run begins with ${first.type}`);
  }
  const ends = events.filter((event) => terminal.has(event.type));
  const last = events.at(-1);
  if (ends.length !== 1 || last === undefined || last !== ends[0]) {
    const types = events.map((event) => event.type).join(' ');
    throw new Error(`The run does not end with exactly one terminal event: ${types}`);
  }
  return last;
}
