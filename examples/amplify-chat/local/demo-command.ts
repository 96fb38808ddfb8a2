import type { BedrockFault, BedrockOperation, BedrockRequest } from '@magi/lambda-stream/testing';
import { languageOf } from './language';
import { readQuestion } from './read-question';

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

/** Bytes of the response after which `/truncate` closes the connection: past the search, in the middle of the text. */
const truncateAtByte: Partial<Readonly<Record<BedrockOperation, number>>> = {
  InvokeAgent: 14_000,
  ConverseStream: 12_000,
  InvokeAgentRuntime: 10_000,
};

/** Closes the connection in the middle of the answer when the question was `/truncate`. */
export function demoFault(request: BedrockRequest): BedrockFault | undefined {
  const atByte = truncateAtByte[request.operation];
  if (atByte === undefined) return undefined;
  return readDemoCommand(readQuestion(request).text)?.name === 'truncate'
    ? { kind: 'cut', atByte }
    : undefined;
}
