import type { ResponseSink } from './http-exchange';

/** Text is handed on at the end of the tick, or as soon as this many UTF-16 code units wait. */
const WRITE_CHARS = 16_384;

/** Joins what is written in one tick into one write, and knows when to wait for the reader. */
export interface EventWriter {
  push(text: string): void;
  /** Writes what waits, at once. */
  flush(): void;
  /** Whether to `catchUp` before more is pushed. */
  isBehind(): boolean;
  /** Writes what waits and resolves when the reader can take more or has gone. */
  catchUp(): Promise<void>;
  /** Bytes handed over so far. */
  bytes(): number;
}

type WriterSink = Pick<ResponseSink, 'write' | 'drained'>;

/** `onWrite` is told of every write, so that an owner can tell idle from busy. */
export function createEventWriter(sink: WriterSink, onWrite?: () => void): EventWriter {
  let waiting = '';
  let scheduled = false;
  let draining: Promise<void> | undefined;
  let bytes = 0;

  const flush = (): void => {
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    bytes += Buffer.byteLength(text);
    if (!sink.write(text) && draining === undefined) {
      draining = sink.drained().then(() => {
        draining = undefined;
      });
    }
    onWrite?.();
  };
  const endOfTick = (): void => {
    scheduled = false;
    // A reader that is behind gets what waits as one write once it has caught up.
    if (draining === undefined) flush();
    else void draining.then(flush);
  };

  return {
    push: (text) => {
      waiting += text;
      if (!scheduled) {
        scheduled = true;
        // Runs when the microtasks are done: everything that a source had ready is in by then.
        process.nextTick(endOfTick);
      }
    },
    flush,
    isBehind: () => draining !== undefined || waiting.length >= WRITE_CHARS,
    catchUp: async () => {
      if (draining === undefined) flush();
      if (draining !== undefined) await draining;
    },
    bytes: () => bytes,
  };
}
