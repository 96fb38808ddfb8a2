import type { BedrockFrame } from '@magi/lambda-stream/testing';
import type { Answer } from './answer';
import { type Cadence, cutBytes } from './cadence';
import { citationFrame, textFrame } from './wire-frames';

export interface TellOptions {
  readonly cadence: Cadence;
  readonly pageOrigin: string;
  /** Tells no more than this many UTF-16 units. Default: all. */
  readonly length?: number;
  pause(ms: number): Promise<void>;
}

/** Tells an answer piece by piece, each citation once the part that it supports has been told. */
export async function* tellAnswer(
  answer: Answer,
  { cadence, pageOrigin, length, pause }: TellOptions,
): AsyncGenerator<BedrockFrame> {
  const pending = [...answer.citations];
  const decoder = new TextDecoder();
  let told = 0;
  for (const bytes of cutBytes(answer.text.slice(0, length), cadence.pieceBytes)) {
    await pause(cadence.intervalMs);
    yield textFrame(bytes);
    told += decoder.decode(bytes, { stream: true }).length;
    for (let next = pending[0]; next && next.end <= told; next = pending[0]) {
      pending.shift();
      yield citationFrame(pageOrigin, answer.text, next);
    }
  }
}
