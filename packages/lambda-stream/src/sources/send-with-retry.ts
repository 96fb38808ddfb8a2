import type { SourceOptions } from './source-options';

export const DEFAULT_MODEL_NOT_READY_RETRIES = 3;
export const DEFAULT_MODEL_NOT_READY_DELAY_MS = 1000;

/**
 * Sends a request, and sends it again a bounded number of times while the service says that the model is not ready.
 *
 * Nothing else is repeated here: the SDK repeats what is safe before the first frame, and after it a repetition would
 * run, and bill, the turn a second time.
 */
export async function sendWithRetry<TOutput>(
  send: (abortSignal: AbortSignal) => Promise<TOutput>,
  abortSignal: AbortSignal,
  options: SourceOptions,
): Promise<TOutput> {
  const retries = options.modelNotReadyRetries ?? DEFAULT_MODEL_NOT_READY_RETRIES;
  const firstDelayMs = options.modelNotReadyDelayMs ?? DEFAULT_MODEL_NOT_READY_DELAY_MS;
  for (let retry = 0; ; retry += 1) {
    try {
      return await send(abortSignal);
    } catch (error) {
      const isNotReady = error instanceof Error && error.name === 'ModelNotReadyException';
      if (!isNotReady || retry >= retries) throw error;
      await wait(firstDelayMs * 2 ** retry, abortSignal);
    }
  }
}

function wait(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
