import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentStep, LocalAgent, LocalQuestion } from './agent-step';
import { type Answer, composeAnswer, composeNothing } from './answer';
import { type Cadence, naturalCadence } from './cadence';
import { type DemoCommand, readDemoCommand } from './demo-command';
import { type Language, languageOf } from './language';
import { quoteFrom } from './quote';
import type { PassageHit, PassageIndex } from './search-index';
import { tellAnswer } from './tell-answer';
import { wordsOf } from './terms';

export interface LocalAgentOptions {
  readonly index: PassageIndex;
  /** Default: a few characters every 30 ms. */
  readonly cadence?: Cadence;
  /** Fails each answer after its first third. Default: `false`. */
  readonly alwaysFails?: boolean;
  /** How many passages a search may find. Default: 5. */
  readonly maxHits?: number;
  /** Writes the answer. Default: the closest passages, quoted. */
  readonly compose?: (hits: readonly PassageHit[], language: Language, question: string) => Answer;
}

const slowStartMs = 5_000;

const notes = {
  en: {
    plan: (terms: string) => `I look these words up in the documentation: ${terms}.`,
    checked: (quotes: number) =>
      `Checked: each of the ${quotes} quotes stands word for word in its document.`,
  },
  ja: {
    plan: (terms: string) => `文書から次の言葉を探します：${terms}`,
    checked: (quotes: number) => `確認：引用 ${quotes} 件はすべて文書の原文どおりです。`,
  },
} as const;

function isVerbatim({ citations }: Answer): boolean {
  return citations.every(({ passage, quote }) =>
    quote.split('\n').every((line) => passage.text.replace(/\s+/g, ' ').includes(line.trim())),
  );
}

/**
 * Makes an agent that answers questions by full-text search.
 *
 * It is no language model: what it says is quoted, and when it finds nothing it says so.
 */
export function createLocalAgent(options: LocalAgentOptions): LocalAgent {
  const { index, cadence = naturalCadence, alwaysFails = false, maxHits = 5 } = options;
  const compose = options.compose ?? composeAnswer;
  const failedOnce = new Set<string>();

  function mustFail(
    { agent, sessionId, text }: LocalQuestion,
    command: DemoCommand | undefined,
  ): boolean {
    if (alwaysFails) return true;
    if (command?.name !== 'fail') return false;
    if (command.target !== undefined)
      return command.target === 'always' || command.target === agent;
    const asked = `${sessionId} ${text}`;
    if (failedOnce.delete(asked)) return false;
    failedOnce.add(asked);
    return true;
  }

  return async function* localAgent(asked, { signal }): AsyncGenerator<AgentStep> {
    const command = readDemoCommand(asked.text);
    const question = command?.question ?? asked.text;
    const fails = mustFail(asked, command);
    const language = languageOf(question);
    const say = notes[language];
    const words = [...new Set(wordsOf(question))];
    const pause = (ms: number) => sleep(ms, undefined, { signal });

    yield { kind: 'begin' };
    await pause(command?.name === 'slow' ? slowStartMs : 60);
    yield { kind: 'plan', text: say.plan(words.join(', ')) };
    yield { kind: 'lookup', text: question };
    const hits = index.search(question, { limit: maxHits });
    await pause(120);
    yield {
      kind: 'found',
      passages: hits.map(({ passage, foundTerms }) => ({
        passage,
        quote: quoteFrom(passage, foundTerms),
      })),
    };

    const answer =
      hits.length > 0
        ? compose(hits, language, question)
        : composeNothing(question, language, index);
    const length = fails ? Math.ceil(answer.text.length / 3) : answer.text.length;
    yield* tellAnswer(answer, { cadence, length, pause });
    if (fails) {
      yield { kind: 'throttled' };
      return;
    }
    if (isVerbatim(answer)) yield { kind: 'checked', text: say.checked(answer.citations.length) };
    yield { kind: 'end', text: answer.text };
  };
}
