/**
 * Returns what follows `prefix` in the id of an interrupt, or `undefined` when the id is of another kind. The id may have come
 * through a merge, which puts the subagent's id and `/` in front.
 */
export function interruptKey(interruptId: string, prefix: string): string | undefined {
  const at = `/${interruptId}`.indexOf(`/${prefix}`);
  return at === -1 ? undefined : interruptId.slice(at + prefix.length);
}
