const HUNG_MS = 30_000;

/** Returns a function that starts `work`, or joins the one that is under way; not for good, if that one never ends. */
export function shareFlight<T>(work: () => T | Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined;
  let startedAt = 0;
  return () => {
    if (flight && Date.now() - startedAt < HUNG_MS) return flight;
    startedAt = Date.now();
    const own = (async () => work())().finally(() => {
      if (flight === own) flight = undefined;
    });
    flight = own;
    return own;
  };
}
