import { AuthError } from '../errors';
import type { AuthHook, RefreshReason } from './auth-hook';

// Kept per hook, not per client: clients that share a hook share its credentials.
const begun = new WeakMap<AuthHook, Promise<void>>();
const ended = new WeakMap<AuthHook, Promise<void>>();

/** The last renewal of the hook's credentials that has ended: to be taken before a request is signed. */
export const lastRenewal = (auth: AuthHook): Promise<void> | undefined => ended.get(auth);

/**
 * Renews the credentials of a request that was refused, unless a renewal has begun since the one that it knew of: then it waits
 * for that one.
 */
export async function renew(
  auth: AuthHook,
  known: Promise<void> | undefined,
  reason: RefreshReason,
): Promise<void> {
  if (begun.get(auth) === known) {
    const renewal = (async () => auth.refresh?.(reason))();
    begun.set(auth, renewal);
    const end = () => ended.set(auth, renewal);
    renewal.then(end, end);
  }
  try {
    await begun.get(auth);
  } catch (cause) {
    throw new AuthError('Renewing the credentials failed', { cause });
  }
}
