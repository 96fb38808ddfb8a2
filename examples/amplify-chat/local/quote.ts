import type { Passage, PassageBlock } from './passages';
import { termsOf } from './terms';

const sentences = new Intl.Segmenter('ja', { granularity: 'sentence' });

const maxWhole = 650;
const maxParagraph = 420;
const maxItems = 4;

function relevance(markdown: string, wanted: ReadonlySet<string>): number {
  const found = new Set(termsOf(markdown).filter((term) => wanted.has(term)));
  return found.size;
}

/** Keeps the run of whole sentences, at most `maxParagraph` characters long, that names most of what is wanted. */
function bestSentences(markdown: string, wanted: ReadonlySet<string>): string {
  if (markdown.length <= maxParagraph) return markdown;
  const parts = [...sentences.segment(markdown)].map(({ segment }) => segment);
  let best = { text: '', score: -1 };
  for (let start = 0; start < parts.length; start++) {
    let text = '';
    for (const part of parts.slice(start)) {
      if (text !== '' && text.length + part.length > maxParagraph) break;
      text += part;
    }
    const score = relevance(text, wanted);
    if (score > best.score) best = { text, score };
  }
  return best.text.trim();
}

/** Keeps the items next to each other (or the table rows, under the table's head) that name most of what is wanted. */
function bestLines(block: PassageBlock, wanted: ReadonlySet<string>): string {
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

function shortened(block: PassageBlock, wanted: ReadonlySet<string>): string {
  switch (block.kind) {
    case 'paragraph':
      return bestSentences(block.markdown, wanted);
    case 'code':
      return block.markdown;
    default:
      return bestLines(block, wanted);
  }
}

/** Returns the part of a passage that answers best, word for word: all of a short one, else one block and the one it introduces. */
export function quoteFrom(passage: Passage, wantedTerms: readonly string[]): string {
  if (passage.text.length <= maxWhole && passage.blocks.length <= 4) return passage.text;
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
  const quote = shortened(block, wanted);
  const next = passage.blocks[at + 1];
  const introduces =
    block.kind === 'paragraph' &&
    (/[:：]$/.test(quote) || (quote.length < 200 && next?.kind !== 'paragraph'));
  return introduces && next ? `${quote}\n\n${shortened(next, wanted)}` : quote;
}

/** Returns the first sentence of a passage, or `''` when that says nothing on its own. */
export function firstSentence(passage: Passage): string {
  const paragraph = passage.blocks.find(({ kind }) => kind !== 'code' && kind !== 'table');
  const text = (paragraph?.markdown ?? '')
    .replace(/^\s*(?:[-*+]|\d+[.)])\s+/, '')
    .replace(/\s+/g, ' ');
  const [first] = sentences.segment(text);
  const sentence = first?.segment.trim() ?? '';
  return sentence.length < 16 || !/[.!?。！？]$/.test(sentence) ? '' : sentence;
}
