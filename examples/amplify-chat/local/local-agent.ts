import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BedrockFrame,
  BedrockRequest,
  BedrockScriptContext,
} from '@magi/lambda-stream/testing';
import { type Answer, composeAnswer, composeNothing } from './answer';
import { type Cadence, naturalCadence } from './cadence';
import { type DemoCommand, inputTextOf, readDemoCommand } from './demo-command';
import { type Language, languageOf } from './language';
import { quoteFrom } from './quote';
import type { PassageHit, PassageIndex } from './search-index';
import { tellAnswer } from './tell-answer';
import { wordsOf } from './terms';
import { createTracer, knowledgeBaseId, reference } from './wire-frames';

export interface LocalAgentOptions {
  readonly index: PassageIndex;
  /** Where the page is, for the links of the citations: `http://localhost:3000`. */
  readonly pageOrigin: string;
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
 * Makes a script for `startBedrock` that answers questions by full-text search, in InvokeAgent's wire format.
 *
 * It is no language model: what it says is quoted, and when it finds nothing it says so.
 */
export function createLocalAgent(options: LocalAgentOptions) {
  const { index, pageOrigin, cadence = naturalCadence, alwaysFails = false } = options;
  const { maxHits = 5 } = options;
  const compose = options.compose ?? composeAnswer;
  const failedOnce = new Set<string>();

  function mustFail(request: BedrockRequest, command: DemoCommand | undefined): boolean {
    if (alwaysFails) return true;
    if (command?.name !== 'fail') return false;
    if (command.target !== undefined)
      return command.target === 'always' || command.target === request.resourceId;
    const session = request.params.sessionId ?? '';
    if (failedOnce.delete(session)) return false;
    failedOnce.add(session);
    return true;
  }

  return async function* localAgent(
    request: BedrockRequest,
    { signal }: BedrockScriptContext,
  ): AsyncGenerator<BedrockFrame> {
    const input = inputTextOf(request);
    const command = readDemoCommand(input);
    const question = command?.question ?? input;
    const fails = mustFail(request, command);
    const language = languageOf(question);
    const say = notes[language];
    const trace = createTracer(request);
    const words = [...new Set(wordsOf(question))];
    const pause = (ms: number) => sleep(ms, undefined, { signal });

    yield trace.preProcessing();
    await pause(command?.name === 'slow' ? slowStartMs : 60);
    yield trace.orchestration({
      rationale: { traceId: trace.traceId, text: say.plan(words.join(', ')) },
    });
    yield trace.orchestration({
      invocationInput: {
        traceId: trace.traceId,
        invocationType: 'KNOWLEDGE_BASE',
        knowledgeBaseLookupInput: { knowledgeBaseId, text: question },
      },
    });
    const hits = index.search(question, { limit: maxHits });
    await pause(120);
    yield trace.orchestration({
      observation: {
        traceId: trace.traceId,
        type: 'KNOWLEDGE_BASE',
        knowledgeBaseLookupOutput: {
          retrievedReferences: hits.map(({ passage, matchedTerms }) =>
            reference(pageOrigin, passage, quoteFrom(passage, matchedTerms)),
          ),
        },
      },
    });

    const answer =
      hits.length > 0
        ? compose(hits, language, question)
        : composeNothing(question, language, index);
    const length = fails ? Math.ceil(answer.text.length / 3) : answer.text.length;
    yield* tellAnswer(answer, { cadence, pageOrigin, length, pause });
    if (fails) {
      yield { throttlingException: { message: 'Your request rate is too high' } };
      return;
    }
    if (isVerbatim(answer)) yield trace.postProcessing(say.checked(answer.citations.length));
    yield trace.orchestration({
      observation: { traceId: trace.traceId, type: 'FINISH', finalResponse: { text: answer.text } },
    });
  };
}
