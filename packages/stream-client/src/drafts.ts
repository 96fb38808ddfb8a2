/** `T` while it may be changed: nobody else has seen it since the last publication. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** A list of records, found by key. */
export interface KeyedList<T> {
  items: readonly T[];
  readonly places: Map<string, number>;
}

/** Hands out copies to change: at most one of each object between two publications, so that a change costs O(1). */
export interface Drafts {
  /** Returns the object itself when it is a draft already, else a copy that is. */
  own<T extends object>(object: T): Draft<T>;
  /** Returns a list that may be changed. */
  ownList<T>(list: readonly T[]): T[];
  /** Returns the record as a draft inside a draft of the list; made by `create` when it is not there. */
  edit<T extends object>(list: KeyedList<T>, key: string, create: () => T): Draft<T>;
  /** What was changed is seen by others from now on: the next change copies it. */
  publish(): void;
}

export function createDrafts(): Drafts {
  const fresh = new Set<object>();
  const ownAs = <T extends object>(object: object, copy: () => T): T => {
    if (fresh.has(object)) return object as T;
    const draft = copy();
    fresh.add(draft);
    return draft;
  };
  const own = <T extends object>(object: T) => ownAs<Draft<T>>(object, () => ({ ...object }));
  const ownList = <T>(list: readonly T[]) => ownAs<T[]>(list, () => [...list]);
  return {
    own,
    ownList,
    edit<T extends object>(list: KeyedList<T>, key: string, create: () => T): Draft<T> {
      const items = ownList(list.items);
      list.items = items;
      const place = list.places.get(key) ?? items.length;
      list.places.set(key, place);
      const draft = own(items[place] ?? create());
      items[place] = draft;
      return draft;
    },
    publish: () => fresh.clear(),
  };
}
