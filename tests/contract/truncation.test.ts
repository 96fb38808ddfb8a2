import type { BedrockFault, BedrockScripts } from '@magi/lambda-stream/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerText, readEvents, terminalEvent } from '../support/agent-events';
import { type AgentService, startAgentService } from '../support/agent-service';
import { runInput } from '../support/function-url-event';
import { rawRequest } from '../support/raw-request';

const words = ['one ', 'two ', 'three ', 'four'];
/** The question says how many words to answer. */
const agents: BedrockScripts = {
  COUNT: ({ body }) => words.slice(0, Number(body?.inputText)),
};

for (const transport of ['http1', 'http2'] as const) {
  describe(`over ${transport}`, () => {
    let service: AgentService;
    let twoFrames: number;
    const ask = async (count: number) => {
      const { text } = await rawRequest(service.url, { body: runInput(String(count)) });
      return readEvents(text);
    };

    beforeAll(async () => {
      service = await startAgentService('COUNT', { transport, agents });
      await ask(2);
      twoFrames = service.bedrock.requests[0]?.bytesWritten ?? 0;
    });
    afterAll(() => service?.close());

    const cuts: [name: string, fault: () => BedrockFault][] = [
      ['closed between two frames', () => ({ kind: 'cut', atByte: twoFrames, how: 'close' })],
      ['reset between two frames', () => ({ kind: 'cut', atByte: twoFrames, how: 'reset' })],
      ['closed inside a frame', () => ({ kind: 'cut', atByte: twoFrames + 20, how: 'close' })],
      ['ended inside a frame', () => ({ kind: 'end', atByte: twoFrames + 20 })],
    ];
    for (const [name, fault] of cuts) {
      test(`an upstream that is ${name} ends the run with UPSTREAM_TRUNCATED after what arrived`, async () => {
        service.bedrock.faultNext(fault());
        const events = await ask(4);
        expect(terminalEvent(events)).toMatchObject({
          type: 'RUN_ERROR',
          code: 'UPSTREAM_TRUNCATED',
        });
        expect(answerText(events)).toBe('one two ');
      });
    }

    test('a frame with a wrong checksum ends the run with an error', async () => {
      service.bedrock.faultNext({ kind: 'corrupt', frame: 2 });
      const events = await ask(4);
      expect(terminalEvent(events).type).toBe('RUN_ERROR');
      expect(answerText(events)).toBe('one two ');
    });

    test('throttling in mid-stream ends the run with THROTTLED', async () => {
      service.bedrock.faultNext({
        kind: 'exception',
        name: 'throttlingException',
        message: 'SECRET-detail',
        afterFrames: 2,
      });
      const events = await ask(4);
      expect(terminalEvent(events)).toMatchObject({ type: 'RUN_ERROR', code: 'THROTTLED' });
      expect(answerText(events)).toBe('one two ');
      expect(JSON.stringify(events)).not.toContain('SECRET');
    });

    test('bytes that drip in one at a time change nothing', async () => {
      service.bedrock.faultNext({ kind: 'drip', bytesPerWrite: 1, delayMs: 0 });
      const events = await ask(4);
      expect(terminalEvent(events).type).toBe('RUN_FINISHED');
      expect(answerText(events)).toBe('one two three four');
    });
  });
}
