import type { ResponseSink } from './http-exchange';

/** What Node's writable streams and Lambda's response stream, which is not one of them, have in common. */
export interface WritableLike {
  write(chunk: string): boolean;
  end(): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  readonly writableFinished: boolean;
  readonly destroyed?: boolean;
}

/** A sink without its beginning, which is each door's own. */
export interface WritableSink extends Omit<ResponseSink, 'begin'> {
  /** Gives the stream's events back. */
  release(): void;
}

/**
 * Writes to a stream without ever destroying it, and never after its end: either would end the Lambda runtime's process.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
export function createWritableSink(stream: WritableLike): WritableSink {
  let ended = false;
  let goneListener: (() => void) | undefined;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  const leave = (): void => {
    if (!sink.gone && !stream.writableFinished) {
      sink.gone = true;
      goneListener?.();
    }
    wake();
  };
  const listening: [event: string, listener: () => void][] = [];
  const listen = (listener: () => void, ...events: string[]): void => {
    for (const event of events) {
      stream.on(event, listener);
      listening.push([event, listener]);
    }
  };
  listen(leave, 'close', 'error');
  const woken = (): Promise<void> => {
    // Nothing drains before the first byte, which need not wait for this.
    if (listening.length === 2) listen(wake, 'drain', 'finish');
    return new Promise((resolve) => waiting.push(resolve));
  };

  const sink = {
    write: (text: string) => sink.gone || ended || stream.write(text),
    drained: () => (sink.gone ? Promise.resolve() : woken()),
    end: async () => {
      if (ended) return;
      ended = true;
      if (sink.gone) return;
      stream.end();
      while (!sink.gone && !stream.writableFinished) await woken();
    },
    gone: stream.destroyed === true,
    onGone: (listener: () => void) => {
      goneListener = listener;
      if (sink.gone) listener();
    },
    release: () => {
      for (const [event, listener] of listening) stream.off(event, listener);
    },
  };
  return sink;
}
