import type { Socket } from 'node:net';

/** How the far side of the Runtime API reads a response. */
export type Reader =
  | { kind: 'normal' }
  /** Stops reading once `afterBytes` have come, for `forMs`. */
  | { kind: 'paused'; afterBytes: number; forMs: number }
  /** Lets `burstBytes` through at once and then `bytesPerTick` every `tickMs`, as Lambda's bandwidth limit does. */
  | { kind: 'token-bucket'; burstBytes: number; bytesPerTick: number; tickMs: number }
  /** Answers with `status` once `afterBytes` have come, while the response is still being written. */
  | { kind: 'early-answer'; afterBytes: number; status: number; close: boolean }
  /** Resets the connection once `afterBytes` have come. */
  | { kind: 'reset'; afterBytes: number };

export interface ReaderControl {
  /** Called after each network read, with the bytes of the response received so far. */
  onRead(received: number, added: number): void;
  stop(): void;
}

/** Applies a reader's behaviour to the connection that carries a response. */
export function controlReader(
  reader: Reader,
  socket: Socket,
  answer: (status: number, close: boolean) => void,
): ReaderControl {
  let timer: NodeJS.Timeout | undefined;
  let done = false;
  let tokens = reader.kind === 'token-bucket' ? reader.burstBytes : 0;

  const once = (due: boolean, action: () => void): void => {
    if (!due || done) return;
    done = true;
    action();
  };

  return {
    onRead(received, added) {
      switch (reader.kind) {
        case 'normal':
          return;
        case 'paused':
          return once(received >= reader.afterBytes, () => {
            socket.pause();
            timer = setTimeout(() => socket.resume(), reader.forMs);
          });
        case 'early-answer':
          return once(received >= reader.afterBytes, () => answer(reader.status, reader.close));
        case 'reset':
          return once(received >= reader.afterBytes, () => socket.resetAndDestroy());
        case 'token-bucket': {
          tokens -= added;
          if (tokens > 0 || timer !== undefined) return;
          socket.pause();
          timer = setInterval(() => {
            tokens += reader.bytesPerTick;
            if (tokens <= 0) return;
            clearInterval(timer);
            timer = undefined;
            socket.resume();
          }, reader.tickMs);
        }
      }
    },
    stop() {
      clearTimeout(timer);
      clearInterval(timer);
      if (!socket.destroyed) socket.resume();
    },
  };
}
