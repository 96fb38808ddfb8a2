const fenceMark = /^ {0,3}(`{3,}|~{3,})/;
const listMark = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const indented = /^(?: {2,}|\t)/;

/** A list that is longer than this (UTF-16 code units) goes on in a block of its own. */
const maxListLength = 1_500;
const item = /^( {0,3})(?:([-*+])|(\d{1,9})([.)]))(?:\s|$)/;

/** Returns whether two lines begin items of one list. */
function areSiblings(a: RegExpExecArray, b: RegExpExecArray): boolean {
  return a[1] === b[1] && a[2] === b[2] && a[4] === b[4];
}

/**
 * Splits Markdown into its top-level blocks, so that a streaming answer re-renders its last block only.
 *
 * Text that is appended never changes a block before the last one (but half a list number, `2`, still looks like a block of its
 * own). A list stays one block across blank lines, but a long one is cut between items: where it is numbered, only if the numbers
 * count up by one, so that none changes. A fence stays one block until it is closed. Reference definitions work within their own
 * block only.
 */
export function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  let isBlank = false;
  let length = 0;
  let firstItem: RegExpExecArray | null = null;
  let items = 0;

  function end() {
    const block = lines.join('\n').trimEnd();
    if (block !== '') blocks.push(block);
    lines = [];
    length = 0;
  }

  function add(line: string) {
    const mark = item.exec(line);
    if (lines.length === 0) {
      firstItem = mark;
      items = 0;
    }
    if (mark && firstItem && areSiblings(firstItem, mark)) items++;
    lines.push(line);
    length += line.length + 1;
  }

  function isCutBefore(line: string) {
    const mark = length > maxListLength && firstItem ? item.exec(line) : null;
    if (!mark || !firstItem || !areSiblings(firstItem, mark)) return false;
    return mark[3] === undefined || Number(mark[3]) === Number(firstItem[3]) + items;
  }

  for (const line of markdown.split('\n')) {
    if (fence !== undefined) {
      add(line);
      const closing = fenceMark.exec(line)?.[1];
      if (closing?.startsWith(fence) && line.trim() === closing) fence = undefined;
      continue;
    }
    if (line.trim() === '') {
      isBlank = true;
      if (lines.length > 0) add(line);
      continue;
    }
    const isList = listMark.test(lines[0] ?? '');
    if (isBlank && !(isList && (listMark.test(line) || indented.test(line)))) end();
    else if (isCutBefore(line)) end();
    isBlank = false;
    const opening = fenceMark.exec(line)?.[1];
    if (opening !== undefined) {
      if (!(isList && indented.test(line))) end();
      fence = opening;
    }
    add(line);
  }
  end();
  return blocks;
}
