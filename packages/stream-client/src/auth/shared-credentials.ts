import { AuthError } from '../errors';
import { shareFlight } from '../share-flight';
import type { AuthHook, RefreshReason } from './auth-hook';

/** Credentials that several runs use at once. */
export interface SharedCredentials {
  /** How often they were renewed. */
  readonly generation: number;
  /**
   * Renews them, unless that happened after the refused request was signed (`generation` tells). Whoever calls while a renewal is
   * under way waits for that one.
   */
  renewAfter(generation: number, reason: RefreshReason): Promise<void>;
}

// Kept per hook, not per client: clients that share a hook share its credentials.
const known = new WeakMap<AuthHook, SharedCredentials>();

export function sharedCredentials(auth: AuthHook): SharedCredentials {
  const existing = known.get(auth);
  if (existing) return existing;
  let generation = 0;
  let reason: RefreshReason = 'unauthorized';
  const renew = shareFlight(async () => {
    try {
      await auth.refresh?.(reason);
      generation++;
    } catch (cause) {
      throw new AuthError('Renewing the credentials failed', undefined, cause);
    }
  });
  const credentials: SharedCredentials = {
    get generation() {
      return generation;
    },
    async renewAfter(refused, why) {
      if (generation !== refused) return;
      reason = why;
      await renew();
    },
  };
  known.set(auth, credentials);
  return credentials;
}
