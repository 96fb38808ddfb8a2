import { AuthError } from '../errors';
import type { AuthHook, RefreshReason } from './auth-hook';

interface RefreshState {
  /** How often the credentials were renewed. */
  generation: number;
  pending?: Promise<void> | undefined;
}

// Kept per hook, not per client: clients that share a hook share its credentials.
const states = new WeakMap<AuthHook, RefreshState>();

export function refreshState(auth: AuthHook): RefreshState {
  const state = states.get(auth) ?? { generation: 0 };
  states.set(auth, state);
  return state;
}

/**
 * Renews the credentials, unless they were renewed after the refused request was signed (`generation` tells).
 * Whoever calls while a renewal is under way waits for that one.
 */
export async function refreshOnce(
  auth: AuthHook,
  generation: number,
  reason: RefreshReason,
): Promise<void> {
  const state = refreshState(auth);
  if (state.generation !== generation) return;
  state.pending ??= Promise.resolve(auth.refresh?.(reason))
    .then(() => {
      state.generation++;
    })
    .finally(() => {
      state.pending = undefined;
    });
  try {
    await state.pending;
  } catch (cause) {
    throw new AuthError('Renewing the credentials failed', undefined, cause);
  }
}
