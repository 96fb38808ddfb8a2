import { setTimeout as sleep } from 'node:timers/promises';
import { readBrief } from '../amplify/functions/agent-stream/brief';
import type { AgentStep, LocalAgent } from './agent-step';
import { type Answer, AnswerBuilder } from './answer';
import { type Cadence, naturalCadence } from './cadence';
import { readDemoCommand } from './demo-command';
import { languageOf } from './language';
import type { PassageIndex } from './search-index';
import { tellAnswer } from './tell-answer';
import { termsOf } from './terms';

interface Finding {
  readonly sage: string;
  readonly quote: string;
  /** How many of the question's search words the quote holds. */
  readonly found: number;
}

const words = {
  en: {
    strongest: (sage: string, found: number, asked: number) =>
      `**${sage}** brings the passage that holds most of the question: ${found} of ${asked} search words.\n\n`,
    same: 'All of them point at the same passage.\n\n',
    none: 'No sage found anything in the documentation, so there is nothing to weigh.',
    head: '| Sage | Search words held |\n|---|---|\n',
    silent: (names: string) => `${names} could not be heard.\n\n`,
    label:
      '\nThis is a count of words over three full-text searches. No language model weighed anything.',
  },
  ja: {
    strongest: (sage: string, found: number, asked: number) =>
      `質問をもっともよく含む箇所を示したのは **${sage}** です（検索語 ${asked} 個のうち ${found} 個）。\n\n`,
    same: '賢者たちは同じ箇所を指しています。\n\n',
    none: 'どの賢者も文書から記述を見つけられなかったため、比べるものがありません。',
    head: '| 賢者 | 含まれる検索語 |\n|---|---|\n',
    silent: (names: string) => `${names} の意見は得られませんでした。\n\n`,
    label: '\n三つの全文検索の結果を、言葉の数で比べたものです。言語モデルは使っていません。',
  },
} as const;

function quoteIn(opinion: string): string {
  const lines = opinion.split('\n').filter((line) => line.startsWith('>'));
  return lines.map((line) => line.replace(/^>\s?/, '')).join('\n');
}

function judge(brief: string, index: PassageIndex): Answer {
  const { question: asked, opinions, silent } = readBrief(brief);
  const question = readDemoCommand(asked)?.question ?? asked;
  const language = languageOf(question);
  const say = words[language];
  const wanted = new Set(termsOf(question));
  const findings = opinions
    .map(({ name, text }): Finding => {
      const quote = quoteIn(text);
      const held = new Set(termsOf(quote).filter((term) => wanted.has(term)));
      return { sage: name.toUpperCase(), quote, found: held.size };
    })
    .filter(({ quote }) => quote !== '')
    .sort((a, b) => b.found - a.found);
  const answer = new AnswerBuilder();
  if (silent.length > 0)
    answer.add(say.silent(silent.map((name) => name.toUpperCase()).join(', ')));
  const [best] = findings;
  if (!best) return answer.add(say.none).build();
  answer.add(say.strongest(best.sage, best.found, wanted.size));
  if (findings.length > 1 && new Set(findings.map(({ quote }) => quote)).size === 1)
    answer.add(say.same);
  const firstLine = best.quote.split('\n')[0]?.trim() ?? '';
  const source = index
    .search(question, { limit: 50 })
    .find(({ passage }) => passage.text.includes(firstLine));
  if (source) answer.quote(source.passage, best.quote);
  answer.add(say.head);
  for (const { sage, found } of findings) answer.add(`| ${sage} | ${found} / ${wanted.size} |\n`);
  return answer.add(say.label).build();
}

/** Makes the local judge: it compares how much of the question the sages' quotes hold, and says that this is all it does. */
export function createLocalJudge(options: {
  readonly index: PassageIndex;
  readonly cadence?: Cadence;
}): LocalAgent {
  const { index, cadence = naturalCadence } = options;
  return async function* localJudge({ text }, { signal }): AsyncGenerator<AgentStep> {
    const pause = (ms: number) => sleep(ms, undefined, { signal });
    yield { kind: 'begin' };
    await pause(300);
    const answer = judge(text, index);
    yield* tellAnswer(answer, { cadence, pause });
    yield { kind: 'end', text: answer.text };
  };
}
