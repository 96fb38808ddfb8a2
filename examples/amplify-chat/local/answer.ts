import type { Language } from './language';
import type { Passage } from './passages';
import { firstSentence, quoteFrom } from './quote';
import type { PassageHit, PassageIndex } from './search-index';
import { wordsOf } from './terms';

/** A part of the answer that a passage supports. `start` and `end` are UTF-16 offsets into `text`, `end` exclusive. */
export interface AnswerCitation {
  readonly start: number;
  readonly end: number;
  readonly passage: Passage;
  readonly quote: string;
}

export interface Answer {
  readonly text: string;
  readonly citations: readonly AnswerCitation[];
}

/** Puts an answer together piece by piece and remembers where each cited part stands. */
export class AnswerBuilder {
  #text = '';
  readonly #citations: AnswerCitation[] = [];

  add(text: string): this {
    this.#text += text;
    return this;
  }

  quote(passage: Passage, quote: string): this {
    const start = this.#text.length;
    this.#text += quote
      .split('\n')
      .map((line) => `> ${line}`.trimEnd())
      .join('\n');
    this.#citations.push({ start, end: this.#text.length, passage, quote });
    return this.add('\n\n');
  }

  cited(passage: Passage, text: string): this {
    const start = this.#text.length;
    this.#text += text;
    this.#citations.push({ start, end: this.#text.length, passage, quote: text });
    return this;
  }

  build(): Answer {
    return { text: this.#text.trimEnd(), citations: this.#citations };
  }
}

/** Returns where a passage stands, as a reader would say it: its heading, then its document. */
export function placeOf({ title, headings }: Passage): string {
  const heading = headings.at(-1);
  return heading === undefined ? `**${title}**` : `**${heading}** (${title})`;
}

const words = {
  en: {
    closest: (place: string) => `The passage that speaks to this most directly is in ${place}:\n\n`,
    second: (place: string) => `${place} adds:\n\n`,
    more: 'Also worth reading:\n\n',
    nothing: (question: string) =>
      `I found nothing about “${question}” in this repository’s documentation, and I do not guess.\n\n`,
    looked: (terms: string, passages: number, documents: number) =>
      `I looked for ${terms} in ${passages} passages of ${documents} documents. Questions I can answer are about streaming from Lambda, ` +
      'the wire format, authentication, deployment, limits and the React hook.',
    empty: (passages: number, documents: number) =>
      `Please ask about something: your message holds no word I could look for in the ${passages} passages of ${documents} documents I know.`,
  },
  ja: {
    closest: (place: string) => `この質問にもっとも近い記述は ${place} にあります。\n\n`,
    second: (place: string) => `${place} にも次の記述があります。\n\n`,
    more: 'あわせて読むとよい箇所：\n\n',
    nothing: (question: string) =>
      `「${question}」について、このリポジトリの文書には記述が見つかりませんでした。推測では答えません。\n\n`,
    looked: (terms: string, passages: number, documents: number) =>
      `${documents} 件の文書、${passages} 箇所から ${terms} を探しました。Lambda のストリーミング、通信形式、認証、配備、制限、React フックについてなら答えられます。`,
    empty: (passages: number, documents: number) =>
      `質問の言葉が見つかりませんでした。${documents} 件の文書、${passages} 箇所から探せる言葉を入力してください。`,
  },
} as const;

const listOf = (terms: readonly string[]) => terms.map((term) => `\`${term}\``).join(', ');

/** Says honestly that nothing was found, and what was looked for. */
export function composeNothing(question: string, language: Language, index: PassageIndex): Answer {
  const say = words[language];
  const terms = [...new Set(wordsOf(question))].slice(0, 8);
  const { passageCount, documentCount } = index;
  if (terms.length === 0) return { text: say.empty(passageCount, documentCount), citations: [] };
  const shown = question.length > 80 ? `${question.slice(0, 80)}…` : question;
  return {
    text: say.nothing(shown) + say.looked(listOf(terms), passageCount, documentCount),
    citations: [],
  };
}

/** Writes an answer out of passages, quoted word for word: the closest, a second view, and where to read on. */
export function composeAnswer(hits: readonly PassageHit[], language: Language): Answer {
  const say = words[language];
  const [first, ...others] = hits;
  const answer = new AnswerBuilder();
  if (!first) return answer.build();
  answer
    .add(say.closest(placeOf(first.passage)))
    .quote(first.passage, quoteFrom(first.passage, first.foundTerms));
  const strong = others.filter(({ score }) => score > first.score * 0.15);
  const [second, ...rest] = strong;
  if (second) {
    answer
      .add(say.second(placeOf(second.passage)))
      .quote(second.passage, quoteFrom(second.passage, second.foundTerms));
  }
  const more = rest.filter(({ passage }) => firstSentence(passage) !== '').slice(0, 3);
  if (more.length > 0) {
    answer.add(say.more);
    for (const { passage } of more) {
      answer
        .add(`- ${placeOf(passage)}: `)
        .cited(passage, firstSentence(passage))
        .add('\n');
    }
  }
  return answer.build();
}
