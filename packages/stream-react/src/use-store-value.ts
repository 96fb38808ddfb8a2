import {
  startTransition,
  useEffect,
  useInsertionEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { UpdatePriority } from './agent-stream-types';

/** An external store as React wants it. */
export interface ReadableStore<T> {
  subscribe(listener: () => void): () => void;
  get(): T;
  getServer(): T;
}

const subscribeToNothing = () => () => {};

/**
 * Reads a store through `select`, re-rendering when what it returns changes. `select` has to return the same object for the same
 * snapshot.
 *
 * With `transition` the snapshot is React state, set in a transition: React may render it later, in pieces, and together with other
 * transitions, where `useSyncExternalStore` would interrupt and restart them at every change.
 */
export function useStoreValue<T, TSelected>(
  store: ReadableStore<T>,
  updates: UpdatePriority,
  select: (snapshot: T) => TSelected,
): TSelected {
  const inTransition = updates === 'transition';
  const [held, hold] = useState(() =>
    inTransition ? { store, snapshot: store.get() } : undefined,
  );
  const value = useSyncExternalStore(
    inTransition ? subscribeToNothing : store.subscribe,
    () => select(inTransition && held?.store === store ? held.snapshot : store.get()),
    () => select(store.getServer()),
  );
  const shown = useRef({ select, value });
  // An insertion effect: it runs inside the commit, where a passive one would cost each commit a second pass.
  useInsertionEffect(() => {
    shown.current = { select, value };
  });
  useEffect(() => {
    if (!inTransition) return;
    // What the pending transition will show: going back to what is shown now is a change too.
    let scheduled: { readonly value: TSelected } | undefined;
    const update = () => {
      const snapshot = store.get();
      const value = shown.current.select(snapshot);
      if (Object.is(value, (scheduled ?? shown.current).value)) return;
      scheduled = { value };
      startTransition(() => hold({ store, snapshot }));
    };
    const unsubscribe = store.subscribe(update);
    update(); // what changed between the render and this effect
    return unsubscribe;
  }, [store, inTransition]);
  return value;
}
