/** What a run calls by the ids of one kind, by the names that these have in the store: an id that is over gets a name of its own. */
export function createNames(runId: string) {
  const names = new Map<string, string>();
  /** Name → whether the run may go on with what has it. */
  const isOpen = new Map<string, boolean>();
  let renamed = 0;
  const own = (id: string): string => names.get(id) ?? id;

  function remember(id: string, name: string, open: boolean): string {
    names.set(id, name);
    isOpen.set(name, open);
    return name;
  }
  function begin(id: string): string {
    let name = own(id);
    // No number is tried twice, or many rounds would cost the square of their number.
    for (let prefix = ''; isOpen.get(name) === false; prefix = `${++renamed}/`) {
      name = `${prefix}${runId}/${id}`;
    }
    return remember(id, name, true);
  }

  return {
    /** The latest that this run calls so; else what earlier runs do: a result may come to a call of theirs. */
    own,
    /** As `own`, or a new name when that is over, or belongs to another run. */
    begin,
    /** As `begin`, but what has ended in this run is still meant. */
    keep: (id: string): string => names.get(id) ?? begin(id),
    end: (id: string): string => remember(id, own(id), false),
    /** Learns what is in the store, in order. `isMeant`: until the run has its own, its id means what the run `by` has named. */
    adopt(name: string, by: string | undefined, open: boolean, isMeant: boolean): void {
      isOpen.set(name, open);
      if (isMeant) names.set(name.split(`${by}/`).slice(1).join(`${by}/`) || name, name);
    },
  };
}
