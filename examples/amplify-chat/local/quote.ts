import type { Passage, PassageBlock } from './passages';
import { termsOf } from './terms';

const sentences = new Intl.Segmenter('ja', { granularity: 'sentence' });

/** How much of a passage is quoted. */
export interface QuoteLimits {
  /** A passage of at most this many characters is quoted as a whole. */
  readonly wholeCharacters: number;
  /** At most this many characters of a longer paragraph. */
  readonly paragraphCharacters: number;
  /** At most this many items of a list, or rows of a table. */
  readonly items: number;
}

const generous: QuoteLimits = { wholeCharacters: 650, paragraphCharacters: 420, items: 4 };

function relevance(markdown: string, wanted: ReadonlySet<string>): number {
  const found = new Set(termsOf(markdown).filter((term) => wanted.has(term)));
  return found.size;
}

/** Keeps the run of whole sentences, not longer than the limit, that names most of what is wanted. */
function bestSentences(markdown: string, wanted: ReadonlySet<string>, limit: number): string {
  if (markdown.length <= limit) return markdown;
  const parts = [...sentences.segment(markdown)].map(({ segment }) => segment);
  let best = { text: '', score: -1 };
  for (let start = 0; start < parts.length; start++) {
    let text = '';
    for (const part of parts.slice(start)) {
      if (text !== '' && text.length + part.length > limit) break;
      text += part;
    }
    const score = relevance(text, wanted);
    if (score > best.score) best = { text, score };
  }
  return best.text.trim();
}

/** Keeps the items next to each other (or the table rows, under the table's head) that name most of what is wanted. */
function bestLines(block: PassageBlock, wanted: ReadonlySet<string>, maxItems: number): string {
  if (block.kind === 'table') {
    const [head = '', delimiter = '', ...rows] = block.markdown.split('\n');
    const ranked = rows
      .map((row, at) => ({ row, at, score: relevance(row, wanted) }))
      .sort((a, b) => b.score - a.score || a.at - b.at)
      .slice(0, maxItems)
      .sort((a, b) => a.at - b.at);
    return [head, delimiter, ...ranked.map(({ row }) => row)].join('\n');
  }
  const items = block.markdown.split(/\n(?=\s{0,1}(?:[-*+]|\d+[.)])\s)/);
  let best = { text: block.markdown, score: -1 };
  for (let start = 0; start === 0 || start + maxItems <= items.length; start++) {
    const text = items.slice(start, start + maxItems).join('\n');
    const score = relevance(text, wanted);
    if (score > best.score) best = { text, score };
  }
  return best.text;
}

function shortened(block: PassageBlock, wanted: ReadonlySet<string>, limits: QuoteLimits): string {
  switch (block.kind) {
    case 'paragraph':
      return bestSentences(block.markdown, wanted, limits.paragraphCharacters);
    case 'code':
      return block.markdown;
    default:
      return bestLines(block, wanted, limits.items);
  }
}

/** Returns the part of a passage that answers best, word for word: all of a short one, else one block and the one it introduces. */
export function quoteFrom(
  passage: Passage,
  wantedTerms: readonly string[],
  limits: QuoteLimits = generous,
): string {
  if (passage.text.length <= limits.wholeCharacters && passage.blocks.length <= limits.items)
    return passage.text;
  const wanted = new Set(wantedTerms);
  let at = 0;
  let bestScore = -1;
  passage.blocks.forEach((block, index) => {
    const weight = block.kind === 'code' ? 0.5 : 1;
    const score =
      relevance(block.markdown, wanted) * weight + (block.kind === 'paragraph' ? 0.5 : 0);
    if (score > bestScore) {
      bestScore = score;
      at = index;
    }
  });
  const block = passage.blocks[at];
  if (!block) return '';
  const quote = shortened(block, wanted, limits);
  const next = passage.blocks[at + 1];
  const introduces =
    block.kind === 'paragraph' &&
    (/[:：]$/.test(quote) || (quote.length < 200 && next?.kind !== 'paragraph'));
  return introduces && next ? `${quote}\n\n${shortened(next, wanted, limits)}` : quote;
}

/** Returns the first sentence of a passage, or `''` when that says nothing on its own. */
export function firstSentence(passage: Passage): string {
  const paragraph = passage.blocks.find(({ kind }) => kind !== 'code' && kind !== 'table');
  const text = (paragraph?.markdown ?? '')
    .replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '')
    .replace(/\s+/g, ' ');
  const [first] = sentences.segment(text);
  const sentence = first?.segment.trim() ?? '';
  // A sentence may end inside strong words: "**One thing. And more** of it".
  const whole = (sentence.match(/\*\*/g)?.length ?? 0) % 2 === 1 ? `${sentence}**` : sentence;
  return sentence.length < 16 || !/[.!?。！？]$/.test(sentence) ? '' : whole;
}
