/** Characters (UTF-16 code units) of Markdown that are parsed and drawn between two frames. */
const budget = 2_000;

/** Returns how many blocks may be drawn when `drawn` of them are: as many more as the budget allows, and always one. */
export function countDrawable(blocks: readonly string[], drawn: number): number {
  let count = Math.min(drawn, blocks.length);
  let length = 0;
  do length += blocks[count++]?.length ?? 0;
  while (count < blocks.length && length + (blocks[count]?.length ?? 0) <= budget);
  return Math.min(count, blocks.length);
}
