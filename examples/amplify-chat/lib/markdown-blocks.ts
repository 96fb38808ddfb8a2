const fenceMark = /^ {0,3}(`{3,}|~{3,})/;
const listMark = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const indented = /^(?: {2,}|\t)/;

/**
 * Splits Markdown into its top-level blocks, so that a streaming answer re-renders its last block only.
 *
 * Text that is appended never changes a block before the last one (but half a list number, `2`, still looks like a block of its
 * own). A list stays one block across blank lines; a fence stays one
 * block until it is closed. Reference definitions work within their own block only.
 */
export function splitBlocks(markdown: string): string[] {
  const blocks: string[] = [];
  let lines: string[] = [];
  let fence: string | undefined;
  let isBlank = false;

  function end() {
    const block = lines.join('\n').trimEnd();
    if (block !== '') blocks.push(block);
    lines = [];
  }

  for (const line of markdown.split('\n')) {
    if (fence !== undefined) {
      lines.push(line);
      const closing = fenceMark.exec(line)?.[1];
      if (closing?.startsWith(fence) && line.trim() === closing) fence = undefined;
      continue;
    }
    if (line.trim() === '') {
      isBlank = true;
      if (lines.length > 0) lines.push(line);
      continue;
    }
    const isList = listMark.test(lines[0] ?? '');
    if (isBlank && !(isList && (listMark.test(line) || indented.test(line)))) end();
    isBlank = false;
    const opening = fenceMark.exec(line)?.[1];
    if (opening !== undefined) {
      if (!(isList && indented.test(line))) end();
      fence = opening;
    }
    lines.push(line);
  }
  end();
  return blocks;
}
