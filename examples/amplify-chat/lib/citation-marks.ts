import type { Citation } from '@magi/stream-protocol';

/** A source of an answer, with the number its chips carry. */
export interface NumberedSource {
  readonly number: number;
  readonly citation: Citation;
  /** Where the cited part of the answer ends: a UTF-16 offset. */
  readonly ends: readonly number[];
}

/** Numbers the sources of a message in the order in which the answer cites them; the same passage keeps one number. */
export function numberSources(citations: readonly Citation[]): NumberedSource[] {
  const sources = new Map<string, { citation: Citation; ends: number[] }>();
  for (const citation of citations) {
    const key = JSON.stringify([citation.uri, citation.quote]);
    const source = sources.get(key) ?? { citation, ends: [] };
    if (citation.span) source.ends.push(citation.span.end);
    sources.set(key, source);
  }
  return [...sources.values()].map(({ citation, ends }, at) => ({
    number: at + 1,
    citation,
    ends,
  }));
}

/** The fragment by which a mark in the Markdown names a source; the page draws such a link as a chip. */
export const sourceFragment = '#source-';

function markAt(block: string, offset: number, number: number): string {
  const mark = `[${number}](${sourceFragment}${number})`;
  const lineEnd = block.indexOf('\n', offset);
  const end = lineEnd === -1 ? block.length : lineEnd;
  const line = block.slice(block.lastIndexOf('\n', offset - 1) + 1, end);
  const quotePrefix = /^\s*>/.test(line) ? '>' : '';
  const fences = block.slice(0, end).match(/^[\s>]*(?:`{3,}|~{3,})/gm)?.length ?? 0;
  const isTableRow = /^[\s>]*\|/.test(line);
  if (isTableRow || (fences > 0 && /^[\s>]*(?:`{3,}|~{3,})/.test(line)))
    return `${block.slice(0, end)}\n${quotePrefix}\n${quotePrefix} ${mark}${block.slice(end)}`;
  if (fences % 2 === 1) return `${block}\n\n${mark}`;
  const ticks = line.slice(0, offset - (end - line.length)).match(/`/g)?.length ?? 0;
  const at = ticks % 2 === 1 ? end : offset;
  return `${block.slice(0, at)} ${mark}${block.slice(at)}`;
}

/** Writes a mark for each source behind the part of the answer that it supports. `blocks` are consecutive parts of `text`. */
export function markBlocks(
  text: string,
  blocks: readonly string[],
  sources: readonly NumberedSource[],
): string[] {
  const marks = sources
    .flatMap(({ number, ends }) => ends.map((end) => ({ number, end })))
    .sort((a, b) => b.end - a.end);
  let from = 0;
  const places = blocks.map((block) => {
    const start = text.indexOf(block, from);
    const previousEnd = from;
    from = start + block.length;
    return { start, end: from, previousEnd };
  });
  return blocks.map((block, at) => {
    const place = places[at];
    if (!place) return block;
    const isLast = at === blocks.length - 1;
    return marks
      .filter(({ end }) => end > place.previousEnd && (end <= place.end || isLast))
      .reduce(
        (marked, { number, end }) =>
          markAt(marked, Math.min(Math.max(end - place.start, 0), block.length), number),
        block,
      );
  });
}
