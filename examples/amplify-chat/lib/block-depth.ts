/** Quotes and lists inside one another that a block may begin a line with. */
const maxDepth = 20;

const deepLine = new RegExp(
  String.raw`^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])[ \t])){${maxDepth + 1}}`,
  'm',
);

/**
 * Returns whether a line of a block opens more quotes and lists than anybody reads: the parser takes seconds for a few
 * thousand of them, or overflows its stack.
 *
 * Does not see lists that are nested by indentation alone, nor emphasis or brackets.
 */
export function isTooDeep(block: string): boolean {
  return deepLine.test(block);
}
