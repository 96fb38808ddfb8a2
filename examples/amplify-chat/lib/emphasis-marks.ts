/** Stars, underscores and tildes in one paragraph, of which a strong word has four. */
const maxMarks = 1_000;

const fence = /^[ \t>]*(`{3,}|~{3,})/;
const rule = /^[ \t>]*(?:\*[ \t]*|_[ \t]*){3,}$/;
const newParagraph = /^[ \t>]*(?:$|\||#{1,6}[ \t]|(?:[-*+]|\d{1,9}[.)])[ \t])/;

/**
 * Returns whether a paragraph of a block has more marks of emphasis than anybody reads: the parser pairs them in quadratic time, and
 * thousands inside one another overflow React's stack. Code blocks and rules do not count.
 */
export function hasTooManyMarks(block: string): boolean {
  let isCode = false;
  let marks = 0;
  for (const line of block.split('\n')) {
    if (fence.test(line)) isCode = !isCode;
    else if (!isCode && !rule.test(line)) {
      if (newParagraph.test(line)) marks = 0;
      for (const sign of line) if (sign === '*' || sign === '_' || sign === '~') marks++;
      if (marks > maxMarks) return true;
    }
  }
  return false;
}
