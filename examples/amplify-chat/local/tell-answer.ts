import type { AgentStep } from './agent-step';
import type { Answer, AnswerCitation } from './answer';
import { type Cadence, cutBytes } from './cadence';

export interface TellOptions {
  readonly cadence: Cadence;
  /** Tells no more than this many UTF-16 units. Default: all. */
  readonly length?: number;
  pause(ms: number): Promise<void>;
}

/** Cuts an answer where its cited parts begin and end. They do not overlap. */
function partsOf({ text, citations }: Answer): { text: string; cited?: AnswerCitation }[] {
  const parts: { text: string; cited?: AnswerCitation }[] = [];
  let at = 0;
  for (const cited of citations) {
    parts.push({ text: text.slice(at, cited.start) });
    parts.push({ text: text.slice(cited.start, cited.end), cited });
    at = cited.end;
  }
  parts.push({ text: text.slice(at) });
  return parts;
}

/** Tells an answer piece by piece, each citation once the part that it supports has been told. */
export async function* tellAnswer(
  answer: Answer,
  { cadence, length = answer.text.length, pause }: TellOptions,
): AsyncGenerator<AgentStep> {
  let left = length;
  for (const { text, cited } of partsOf(answer)) {
    for (const bytes of cutBytes(text.slice(0, left), cadence.pieceBytes)) {
      await pause(cadence.intervalMs);
      yield { kind: 'text', bytes, ...(cited && { cited }) };
    }
    left -= text.length;
    if (left < 0) return;
    if (cited) yield { kind: 'citation', part: text, cited };
  }
}
