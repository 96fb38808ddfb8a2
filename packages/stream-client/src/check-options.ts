/** Throws a TypeError for an option this function does not have: a misspelt option must not be ignored in silence. */
export function checkOptions(where: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`${where}: unknown option "${name}"`);
  }
}
