import { type Answer, AnswerBuilder, placeOf } from './answer';
import type { Language } from './language';
import { type QuoteLimits, quoteFrom } from './quote';
import type { PassageHit } from './search-index';
import { termsOf } from './terms';

/** A retrieval viewpoint: words it looks for beside the ones that were asked. It is no opinion of a model. */
export interface Sage {
  readonly lens: readonly string[];
  readonly opening: Readonly<Record<Language, string>>;
}

export const sages: Readonly<Record<'caspar' | 'balthasar' | 'melchior', Sage>> = {
  caspar: {
    lens: [
      'limit never not error fails refuse cut denied public cost must trap 制限 失敗 誤り 切れる 拒む 費用 ない',
    ],
    opening: {
      en: 'Looking for what can go wrong, I find this closest:',
      ja: '問題になりうる点を探すと、もっとも近い記述はこれです。',
    },
  },
  balthasar: {
    lens: [
      'can works same simple choose option example new use reuse できる 使う 選ぶ 新しい 例 動く',
    ],
    opening: {
      en: 'Looking for what it makes possible, I find this closest:',
      ja: 'できるようになることを探すと、もっとも近い記述はこれです。',
    },
  },
  melchior: {
    lens: [
      'measured ms seconds bytes MB default percent bound number ratio 秒 ミリ秒 MB 既定 最大 値 目標 測る',
    ],
    opening: {
      en: 'Looking for figures and defaults, I find this closest:',
      ja: '数値と既定値を探すと、もっとも近い記述はこれです。',
    },
  },
};

const evidence = {
  en: (found: number, asked: number, place: string) =>
    `Evidence: ${found} of ${asked} search words, in ${place}.`,
  ja: (found: number, asked: number, place: string) =>
    `根拠：検索語 ${asked} 個のうち ${found} 個が一致。${place}`,
} as const;

/** A column is narrow: an opinion is one short quote. */
const brief: QuoteLimits = { wholeCharacters: 300, paragraphCharacters: 300, items: 2 };

/** Returns the hit that a sage would choose: close to the question, in its language, and rich in what the sage looks for. */
function chooseHit(
  hits: readonly PassageHit[],
  lens: ReadonlySet<string>,
  language: Language,
): PassageHit | undefined {
  const readable = hits.filter(({ passage }) => passage.language === language);
  const candidates = readable.length > 0 ? readable : hits;
  const [closest] = candidates;
  if (!closest) return undefined;
  const worth = ({ passage, score }: PassageHit) => {
    const seen = new Set(termsOf(passage.text).filter((term) => lens.has(term)));
    return score / closest.score + Math.min(seen.size, 5) / 3;
  };
  return candidates
    .filter(({ coverage }) => coverage >= closest.coverage * 0.6)
    .sort((a, b) => worth(b) - worth(a))[0];
}

/** Returns how a sage puts its finding: one passage, quoted, and how much of the question it holds. */
export function composeOpinion(sage: Sage) {
  const lens = new Set(sage.lens.flatMap(termsOf));
  return (hits: readonly PassageHit[], language: Language, question: string): Answer => {
    const answer = new AnswerBuilder();
    const hit = chooseHit(hits, lens, language);
    if (!hit) return answer.build();
    const asked = new Set(termsOf(question)).size;
    return answer
      .add(`${sage.opening[language]}\n\n`)
      .quote(hit.passage, quoteFrom(hit.passage, [...hit.foundTerms, ...lens], brief))
      .add(evidence[language](hit.matchedTerms.length, asked, placeOf(hit.passage)))
      .build();
  };
}
