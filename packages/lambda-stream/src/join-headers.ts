/** Headers as every door reads them: names in lower case, the values of a repeated one joined by `, `, of cookies by `; `. */
export function joinHeaders(
  fields: Iterable<[name: string, value: string | readonly string[] | undefined]>,
): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [field, values = []] of fields) {
    const name = field.toLowerCase();
    const before = joined.get(name) ?? [];
    joined.set(name, [before, values].flat(2).join(name === 'cookie' ? '; ' : ', '));
  }
  return Object.fromEntries(joined);
}
