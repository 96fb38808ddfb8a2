import type { CutKind, Exchange } from './exchange';

/** One way in which the stand-in fails a single request. Byte counts are of the response body. */
export type BedrockFault =
  /** Answers with an HTTP error before any frame, for example 429 `ThrottlingException`. */
  | {
      readonly kind: 'http';
      readonly status: number;
      readonly name: string;
      readonly message?: string;
    }
  /** Sends an exception frame after this many frames (default 0) and ends. */
  | {
      readonly kind: 'exception';
      readonly name: string;
      readonly message?: string;
      readonly afterFrames?: number;
    }
  /** Sends an `error` frame, which the service's model does not name, after this many frames (default 0) and ends. */
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly message?: string;
      readonly afterFrames?: number;
    }
  /** Breaks the connection off (default: closes it) after exactly this many bytes. */
  | { readonly kind: 'cut'; readonly atByte: number; readonly how?: CutKind }
  /** Ends the response properly after exactly this many bytes, as if it were complete. */
  | { readonly kind: 'end'; readonly atByte: number }
  /** Sends nothing more after this many bytes and keeps the connection open until the client closes it. */
  | { readonly kind: 'stall'; readonly atByte: number }
  /** Flips one bit of the frame with this index (0 is the first), so that its checksum is wrong. */
  | { readonly kind: 'corrupt'; readonly frame: number }
  /** Sends this many bytes at a time with a pause in between. */
  | { readonly kind: 'drip'; readonly bytesPerWrite: number; readonly delayMs: number };

/** Where the frames of a response go: to the client, by way of the fault. */
export interface FrameSink {
  /** Resolves to `false` when nothing more is to be sent. */
  write(frame: Uint8Array): Promise<boolean>;
  /** The script is over: does what a fault that was due after the last frame has to do. */
  finish(): Promise<void>;
}

/** Writes frames to `exchange` as `fault` says. */
export function createFrameSink(
  exchange: Exchange,
  fault: BedrockFault | undefined,
  encode: {
    exception: (name: string, message: string) => Uint8Array;
    error: (code: string, message: string) => Uint8Array;
  },
): FrameSink {
  let frames = 0;
  const counting = (write: (frame: Uint8Array) => Promise<boolean>): FrameSink => ({
    async write(frame) {
      const proceed = await write(frame);
      frames += 1;
      return proceed;
    },
    async finish() {
      if (fault?.kind === 'exception' || fault?.kind === 'error') await sendFailure(fault);
    },
  });
  const sendFailure = (failure: Extract<BedrockFault, { kind: 'exception' | 'error' }>) => {
    const message = failure.message ?? 'Injected by the test';
    return exchange.write(
      failure.kind === 'error'
        ? encode.error(failure.code, message)
        : encode.exception(failure.name, message),
    );
  };

  switch (fault?.kind) {
    case 'exception':
    case 'error':
      return counting(async (frame) => {
        const isDue = frames >= (fault.afterFrames ?? 0);
        await (isDue ? sendFailure(fault) : exchange.write(frame));
        return !isDue;
      });
    case 'cut':
    case 'end':
    case 'stall':
      return counting(async (frame) => {
        const room = fault.atByte - exchange.bytesWritten;
        if (frame.byteLength < room) {
          await exchange.write(frame);
          return true;
        }
        if (room > 0) await exchange.write(frame.subarray(0, room));
        if (fault.kind === 'end') return false;
        if (fault.kind === 'cut') {
          await exchange.flushed();
          exchange.cut(fault.how ?? 'close');
        }
        await exchange.closed;
        return false;
      });
    case 'corrupt':
      return counting(async (frame) => {
        await exchange.write(frames === fault.frame ? flipMiddleBit(frame) : frame);
        return true;
      });
    case 'drip':
      return counting(async (frame) => {
        for (let at = 0; at < frame.byteLength; at += fault.bytesPerWrite) {
          await exchange.write(frame.subarray(at, at + fault.bytesPerWrite));
          await pause(fault.delayMs, exchange.signal);
        }
        return true;
      });
    default:
      return counting(async (frame) => {
        await exchange.write(frame);
        return true;
      });
  }
}

function flipMiddleBit(frame: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(frame);
  const middle = copy.byteLength >> 1;
  copy[middle] = (copy[middle] ?? 0) ^ 1;
  return copy;
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal.addEventListener('abort', finish);
  });
}
