import type { KeyValueStorage } from './persistence';

/** What one key of a storage holds. */
export interface KeptItem {
  /** Set while a storage that answers late is writing. */
  readonly writing: Promise<void> | undefined;
  /** Reads what was written last, after it was written. May throw or reject. */
  read(): string | null | undefined | Promise<string | null | undefined>;
  /**
   * Writes what `make` returns, `undefined` to remove it, and then calls `done`. Not at all when a newer value came while an older
   * one was being written. At once in a storage that answers at once.
   */
  write(make: () => string | undefined, done: (text: string | undefined) => void): void;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';

/** Writes one at a time: a storage that answers late may finish two writes in any order. */
export function createKeptItem(
  storage: KeyValueStorage,
  key: string,
  onError: (error: unknown) => void,
): KeptItem {
  let next: (() => unknown) | undefined;
  let writing: Promise<void> | undefined;

  function writeNext(): void {
    const write = next;
    next = undefined;
    try {
      const pending = write?.();
      if (!isPromise(pending)) return;
      writing = Promise.resolve(pending)
        .then(() => {}, onError)
        .then(() => {
          writing = undefined;
          writeNext();
        });
    } catch (error) {
      onError(error);
    }
  }

  const item: KeptItem = {
    get writing() {
      return writing;
    },
    read: () => (writing ? writing.then(item.read) : storage.getItem(key)),
    write(make, done) {
      next = () => {
        const text = make();
        const pending = text === undefined ? storage.removeItem(key) : storage.setItem(key, text);
        return isPromise(pending) ? pending.then(() => done(text)) : done(text);
      };
      if (!writing) writeNext();
    },
  };
  return item;
}
