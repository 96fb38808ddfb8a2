const segmenter = new Intl.Segmenter('ja', { granularity: 'word' });

const stopWords = new Set(
  (
    'a an and any are as at be been but by can could did do does for from had has have how i if in into is it its me my no not of on or ' +
    'our should so some such than that the their them then there these they this to us was we were what when where which who why will ' +
    'with would you your explain tell show please about ' +
    'の は を に が と で も や へ か ね よ から まで より です ます する し した して いる い ある こと もの これ それ あれ どれ どう どの なに 何 どこ ' +
    'なぜ いつ 誰 教え て ください 下さい ため よう よい いい 良い な ない なら れる られ せる たい 説明 とき 時 場合 です か ので のに だ だっ でき できる なり なる ん 私'
  ).split(' '),
);

const lonelyHiragana = /^\p{Script=Hiragana}$/u;

/** Cuts the commonest English endings, so that "limits" finds "limit" and "streaming" finds "stream". */
function stem(word: string): string {
  if (!/^[a-z]{5,}$/.test(word)) return word;
  const cut = word.replace(/(?:ations?|ing|ied|ies|ed|es|s)$/, '');
  return cut.length >= 4 ? cut : word;
}

/** Returns `deadline`, `margin`, `ms` for `deadlineMarginMs`; nothing for a plain word. */
function identifierParts(word: string): string[] {
  const parts = word.split(/[_.\-/]|(?<=[\p{Ll}\d])(?=\p{Lu})/u).filter((part) => part.length > 1);
  return parts.length > 1 ? parts : [];
}

/** Returns the words of a text in English, Japanese or both that may be worth looking for: by `Intl.Segmenter`, without stop words. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFKC'))) {
    const word = segment.toLowerCase();
    const isWorthless = stopWords.has(word) || lonelyHiragana.test(word) || /^[a-z]$/.test(word);
    if (isWordLike && !isWorthless) words.push(segment);
  }
  return words;
}

/** Returns what a text is found by: its words and the parts of its identifiers, lower-cased and lightly stemmed. */
export function termsOf(text: string): string[] {
  return wordsOf(text).flatMap((word) =>
    [word, ...identifierParts(word)].map((piece) => stem(piece.toLowerCase())),
  );
}
