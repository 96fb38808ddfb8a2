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

/**
 * Writes to a stream without ever destroying it, and never after its end: either would end the Lambda runtime's process.
 *
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
export function createWritableSink(
  stream: WritableLike,
): Omit<ResponseSink, 'begin'> & { release(): void } {
  let gone = stream.destroyed === true;
  let ended = false;
  let goneListener: (() => void) | undefined;
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    const resolves = waiting;
    waiting = [];
    for (const resolve of resolves) resolve();
  };
  const leave = (): void => {
    if (!gone && !stream.writableFinished) {
      gone = true;
      goneListener?.();
    }
    wake();
  };
  const listeners = { drain: wake, finish: wake, close: leave, error: leave };
  for (const [event, listener] of Object.entries(listeners)) stream.on(event, listener);
  const woken = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

  return {
    write: (text) => gone || ended || stream.write(text),
    drained: () => (gone ? Promise.resolve() : woken()),
    end: async () => {
      if (ended) return;
      ended = true;
      if (gone) return;
      stream.end();
      while (!gone && !stream.writableFinished) await woken();
    },
    get gone() {
      return gone;
    },
    onGone: (listener) => {
      goneListener = listener;
    },
    release: () => {
      for (const [event, listener] of Object.entries(listeners)) stream.off(event, listener);
    },
  };
}
