const lonelyMark = /^\s{0,3}(?:#{1,6}|[-*+]|\d{1,9}[.)]?|>|-{1,3}|={1,}|`{1,2}|~{1,2})\s*$/;

/** Drops a last line that is only the beginning of a mark: `-` under a paragraph would turn it into a heading for one frame. */
function withoutLonelyMark(block: string): string {
  const at = block.lastIndexOf('\n');
  return lonelyMark.test(block.slice(at + 1)) ? block.slice(0, Math.max(at, 0)) : block;
}

/** Returns whether a block inside a fence: an odd number of fence lines. */
function hasOpenFence(block: string): boolean {
  return (block.match(/^[ \t>]*(?:`{3,}|~{3,})/gm)?.length ?? 0) % 2 === 1;
}

/** Holds a table back until its delimiter row is complete: until then it is a paragraph full of bars. */
function withoutHalfTable(block: string): string {
  const lines = block.split('\n');
  const head = lines.findIndex((line) => /^[\s>]*\|/.test(line));
  if (head === -1) return block;
  const delimiter = lines[head + 1];
  const columns = (line: string) => line.replace(/^[\s>]*\||\|\s*$/g, '').split('|').length;
  const isComplete =
    delimiter !== undefined &&
    /^[\s>]*\|(?:\s*:?-+:?\s*\|)+\s*$/.test(delimiter) &&
    columns(delimiter) === columns(lines[head] ?? '');
  return isComplete ? block : lines.slice(0, head).join('\n');
}

/** Closes what is open in the last line: code, strong, and a link whose address is still arriving. */
function withClosedInlines(block: string): string {
  const at = block.lastIndexOf('\n\n') + 1;
  const before = block.slice(0, at);
  let text = block.slice(at);
  text = text.replace(/!?\[([^[\]\n]*)(?:\]\([^)[\n]*|\])?$/, '$1');
  if ((text.match(/`/g)?.length ?? 0) % 2 === 1)
    return `${before}${text.replace(/`$/, '')}${/`$/.test(text) ? '' : '`'}`;
  const outsideCode = text.replace(/`[^`]*`/g, '');
  if ((outsideCode.match(/\*\*/g)?.length ?? 0) % 2 === 1)
    return /\*\*$/.test(text)
      ? before + text.slice(0, -2)
      : `${before}${text.replace(/\*$/, '').trimEnd()}**`;
  return before + text;
}

/**
 * Makes the last block of a streaming answer render as it will when it is complete: half-written marks are closed or held back.
 *
 * Only for display while text arrives; the finished text is rendered as it is.
 */
export function mendBlock(block: string): string {
  if (hasOpenFence(block)) return block.replace(/\n[\s>]*`{1,2}$/, '');
  return withClosedInlines(withoutHalfTable(withoutLonelyMark(block)));
}
