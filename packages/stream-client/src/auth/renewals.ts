import { AuthError } from '../errors';
import type { AuthHook } from './auth-hook';

// Kept per hook, not per client: clients that share a hook share its credentials.
const renewals = new WeakMap<AuthHook, Promise<void> | undefined>();

/** The last renewal of the hook's credentials: to be taken, and waited for, before a request is signed. */
export const lastRenewal = (auth: AuthHook): Promise<void> | undefined => renewals.get(auth);

/**
 * Renews the credentials of a request that was refused, unless they were renewed since the renewal that it knew of. Whoever calls
 * while a renewal is under way waits for that one.
 */
export async function renew(
  auth: AuthHook,
  known: Promise<void> | undefined,
  status: number,
  signal: AbortSignal,
): Promise<void> {
  if (renewals.get(auth) === known) {
    const renewal = (async () => auth.refresh?.(status === 401 ? 'unauthorized' : 'forbidden'))();
    renewals.set(auth, renewal);
    // One that hangs ends with the request that asked for it: those to come must not wait for it, too.
    const forget = () => renewals.set(auth, known);
    signal.addEventListener('abort', forget);
    const settle = () => signal.removeEventListener('abort', forget);
    renewal.then(settle, settle);
  }
  try {
    await renewals.get(auth);
  } catch (cause) {
    throw new AuthError('Renewing the credentials failed', { cause, status });
  }
}
