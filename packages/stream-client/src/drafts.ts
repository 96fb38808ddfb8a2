/** `T` while it may be changed: nobody else has seen it since the last publication. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Hands out copies to change: at most one of each object between two publications, so that a change costs O(1). */
export function createDrafts() {
  const drafts = new Set<unknown>();
  return {
    /** Returns the object itself when it is a draft already, else a copy that is. */
    own<T extends object>(object: T): Draft<T> {
      if (drafts.has(object)) return object;
      const draft = (Array.isArray(object) ? [...object] : { ...object }) as T;
      drafts.add(draft);
      return draft;
    },
    /** What was changed is seen by others from now on: the next change copies it. */
    publish: () => drafts.clear(),
  };
}

/** A list of records, found by key, in the order in which they were made. */
export function createKeyedList<T extends object>(
  own: (record: T) => Draft<T>,
  keyOf: (record: T) => string,
) {
  let records = new Map<string, T>();
  let items: readonly T[] | undefined;
  return {
    get: (key: string) => records.get(key),
    /** Returns the record as a draft; made by `create` when it is not there. */
    edit(key: string, create: () => T): Draft<T> {
      const draft = own(records.get(key) ?? create());
      records.set(key, draft);
      items = undefined;
      return draft;
    },
    /** The same array until something was edited. */
    items: (): readonly T[] => (items ??= [...records.values()]),
    reset(next: readonly T[]): void {
      records = new Map(next.map((record) => [keyOf(record), record]));
      items = next;
    },
  };
}
