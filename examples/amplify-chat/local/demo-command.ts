import type { BedrockFault, BedrockRequest } from '@magi/lambda-stream/testing';
import { languageOf } from './language';

/** What a message that begins with a slash makes the local agent do before, or instead of, answering. */
export interface DemoCommand {
  readonly name: 'fail' | 'truncate' | 'slow';
  /** Of `fail`: `always`, or the one agent that is to fail. Absent: once. */
  readonly target: string | undefined;
  /** The question behind the command, or one of our own. */
  readonly question: string;
}

const ownQuestion = {
  en: 'How does a run end, and what happens when the stream is cut?',
  ja: 'ストリーミングになっているか確かめるには？',
} as const;

/** Reads `/fail`, `/fail always`, `/fail caspar`, `/truncate` or `/slow`, each with or without a question after it. */
export function readDemoCommand(text: string): DemoCommand | undefined {
  const match =
    /^\/(fail|truncate|slow)(?:\s+(always|caspar|balthasar|melchior))?(?:\s+([\s\S]+))?$/i.exec(
      text.trim(),
    );
  if (!match) return undefined;
  const [, name = '', target, question = ownQuestion[languageOf(text)]] = match;
  return {
    name: name.toLowerCase() as DemoCommand['name'],
    target: target?.toLowerCase(),
    question,
  };
}

/** The text a request asks about; `''` when it has none. */
export function inputTextOf({ body }: Pick<BedrockRequest, 'body'>): string {
  const text = body?.inputText;
  return typeof text === 'string' ? text : '';
}

/** Bytes of the response after which `/truncate` closes the connection: past the trace, in the middle of the text. */
const truncateAtByte = 14_000;

/** Closes the connection in the middle of the answer when the question was `/truncate`. */
export function demoFault(request: BedrockRequest): BedrockFault | undefined {
  return readDemoCommand(inputTextOf(request))?.name === 'truncate'
    ? { kind: 'cut', atByte: truncateAtByte }
    : undefined;
}
