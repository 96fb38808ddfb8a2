/**
 * Where text may be cut: never inside a grapheme cluster, between words where that is near.
 *
 * @see https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundaries
 */

/** How far past the wanted length a word may end before the cut falls inside it, in UTF-16 code units. */
const WORD_SLACK = 12;
/** How much text around a cut is looked at, in UTF-16 code units; a grapheme cluster is rarely longer than 20. */
const WINDOW = 256;

/** What joins a character that nothing about it announced: combining marks, variation selectors, Hangul vowels. */
const EXTENDER = /^(?:(?!\ufe0f)\p{M}|[\u1160-\u11ff])/u;
/** What is likely to be joined by the character after it: emoji, flags, joiners. */
const EXTENDABLE =
  /(?:\p{Extended_Pictographic}|\p{RI}|\p{EMod}|\u200d|\ufe0f|[\u{e0020}-\u{e007f}])$/u;
/** What nothing is joined to in any text that is read. */
const CLOSED = /[\s。、！？」』）.,!?)]$/;

let graphemes: Intl.Segmenter | undefined;
let words: Intl.Segmenter | undefined;

function graphemeEnd(text: string, index: number): number {
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const cluster = graphemes.segment(text).containing(index);
  return cluster === undefined ? text.length : cluster.index + cluster.segment.length;
}

function lastGraphemeStart(text: string): number {
  graphemes ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const from = Math.max(0, text.length - WINDOW);
  const tail = text.slice(from);
  return from + (graphemes.segment(tail).containing(tail.length - 1)?.index ?? 0);
}

/**
 * Returns a length near `length` at which `text` may be cut: the end of the word there (dictionary based for Japanese),
 * else the end of the grapheme cluster there. At least `least` long, where `least` is no more than `length`.
 */
export function cutLength(text: string, length: number, least = 1): number {
  if (length >= text.length) return text.length;
  const window = text.slice(0, length + WINDOW);
  words ??= new Intl.Segmenter(undefined, { granularity: 'word' });
  const word = words.segment(window).containing(length - 1);
  if (word !== undefined) {
    const end = word.index + word.segment.length;
    const nearest = end - length <= length - word.index ? [end, word.index] : [word.index, end];
    for (const cut of nearest) {
      const near = cut >= least && cut <= length + WORD_SLACK && cut * 2 >= length;
      // UAX #29 allows a word boundary inside a grapheme cluster in rare cases (GB9b): ask again.
      if (near && graphemeEnd(window, cut - 1) === cut) return cut;
    }
  }
  return graphemeEnd(window, length - 1);
}

/**
 * Returns how much of `text` can be delivered without knowing what follows it. The rest may be the beginning of a
 * grapheme cluster: half a surrogate pair, an emoji before a joiner or, when `cautious`, the last cluster unless it is a
 * space or ends a sentence.
 */
export function settledLength(text: string, cautious: boolean): number {
  // A lone high surrogate may become a modifier or a variation selector of the cluster before it.
  if (isHighSurrogate(text, text.length - 1)) {
    return text.length === 1 ? 0 : lastGraphemeStart(text.slice(0, -1));
  }
  const end = text.slice(-2);
  const isOpen = EXTENDABLE.test(end) || (cautious && !CLOSED.test(end));
  return isOpen ? lastGraphemeStart(text) : text.length;
}

/** Whether `delta` begins inside a grapheme cluster whose first part did not look unfinished. */
export function continuesGrapheme(delta: string): boolean {
  return delta.charCodeAt(0) >= 0x300 && EXTENDER.test(delta);
}

export function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}
