import type { KeptItem } from './kept-item';

/** Reads an item. Of several reads only the last counts: what an earlier one brings is out of date. */
export interface LatestRead {
  /** Set while a storage that answers late has been asked. Another read may have begun when it is kept. */
  readonly pending: Promise<void> | undefined;
  /** Calls `take`: at once where the storage answers at once, else when it has answered. */
  begin(take: (text: string | undefined) => void): void;
  cancel(): void;
}

export function createLatestRead(item: KeptItem, onError: (error: unknown) => void): LatestRead {
  /** Counts up with each read and each cancel(). */
  let generation = 0;
  let pending: Promise<void> | undefined;

  return {
    get pending() {
      return pending;
    },
    begin(take) {
      const mine = ++generation;
      const taken = (text: string | null | undefined) => {
        if (mine !== generation) return;
        pending = undefined;
        take(text ?? undefined);
      };
      pending = undefined;
      try {
        const text = item.read();
        if (text && typeof text !== 'string') {
          pending = text.then(taken, (error) => {
            if (mine === generation) pending = undefined;
            onError(error);
          });
        } else taken(text);
      } catch (error) {
        onError(error);
      }
    },
    cancel() {
      generation += 1;
      pending = undefined;
    },
  };
}
