/** Returns a function that starts `work`, or joins the one that is under way. */
export function shareFlight<T>(work: () => T | Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined;
  return () => {
    flight ??= (async () => work())().finally(() => {
      flight = undefined;
    });
    return flight;
  };
}
