import type { Clock } from './clock';
import { checkOrder, withDefaults } from './with-defaults';

/** When and how a dropped connection is resumed. Only ever by GET, and only after the server sent an event ID. */
export interface ReconnectOptions {
  /** Attempts in a row that bring no new event. An integer, 0 or more; 0 never reconnects. Default: 5. */
  readonly maxAttempts?: number;
  /** Delay before the first attempt, doubled for each fruitless one after it. Milliseconds, 0 or more. Default: 500. */
  readonly baseDelayMs?: number;
  /** The longest delay. Milliseconds, at least `baseDelayMs`. Default: 10 000 (10 seconds). */
  readonly maxDelayMs?: number;
}

export type ReconnectPolicy = Required<ReconnectOptions>;

export function resolveReconnect(options: ReconnectOptions): ReconnectPolicy {
  const policy = withDefaults('reconnect.', options, {
    maxAttempts: 5,
    baseDelayMs: 500,
    maxDelayMs: Math.max(10_000, options.baseDelayMs ?? 0),
  });
  if (!Number.isInteger(policy.maxAttempts)) {
    throw new RangeError('"reconnect.maxAttempts" must be an integer');
  }
  checkOrder('reconnect.', policy, 'baseDelayMs', 'maxDelayMs');
  return policy;
}

/**
 * The delay before the next attempt, in milliseconds. Random within its upper half, so that clients that lost one server do not
 * come back in one wave; a server's `retry` is the least, not the middle.
 */
export function reconnectDelay(
  policy: ReconnectPolicy,
  fruitless: number,
  retryMs: number | undefined,
): number {
  if (retryMs !== undefined) return retryMs * (1 + Math.random() / 4);
  return (
    Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** fruitless) * (0.5 + Math.random() / 2)
  );
}

/**
 * Resolves after `delayMs`, but not while the device is offline or the page hidden (mobile browsers kill such requests, and
 * attempts are counted); at once when either comes back.
 */
export function untilReachable(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const page: Partial<Document> | undefined = globalThis.document;
    const listen = (change: 'addEventListener' | 'removeEventListener') => {
      globalThis[change]?.('online', check);
      page?.[change]?.('visibilitychange', check);
      signal[change]('abort', check);
    };
    const check = () => {
      const away = globalThis.navigator?.onLine === false || page?.visibilityState === 'hidden';
      if (away && !signal.aborted) return;
      clock.clearTimeout(timer);
      listen('removeEventListener');
      resolve();
    };
    const timer = clock.setTimeout(check, delayMs);
    listen('addEventListener');
  });
}
