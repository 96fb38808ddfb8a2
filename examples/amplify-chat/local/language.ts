/** The languages the page and the local agent speak. */
export type Language = 'en' | 'ja';

const japanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/gu;

/** Returns the language a text is written in: Japanese as soon as a tenth of its letters are kana or kanji. */
export function languageOf(text: string): Language {
  const letters = text.match(/\p{Letter}/gu)?.length ?? 0;
  const kanaOrKanji = text.match(japanese)?.length ?? 0;
  return kanaOrKanji > 0 && kanaOrKanji * 10 >= letters ? 'ja' : 'en';
}
