import { fileURLToPath } from 'node:url';
import { type Bedrock, startBedrock } from '@magi/lambda-stream/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureNode } from '../../scripts/node-binaries.mjs';
import { answerText, readEvents, terminalEvent } from '../support/agent-events';
import { japaneseAnswer, scripts } from '../support/agent-service';
import { type Bundle, bundleHandler } from '../support/bundle-handler';
import { functionUrlEvent, runInput } from '../support/function-url-event';
import { type Ric, startRic } from '../support/run-ric';

const entry = '../../examples/amplify-chat/amplify/functions/agent-stream/handler.ts';
let bundle: Bundle;
let bedrock: Bedrock;

beforeAll(async () => {
  bundle = await bundleHandler(fileURLToPath(new URL(entry, import.meta.url)));
  bedrock = await startBedrock({
    agents: {
      agent1: ({ body }) =>
        (body?.inputText === '天気は？' ? scripts.JAPANESE : scripts.ENGLISH) as string[],
    },
  });
});
afterAll(async () => {
  await bedrock?.close();
  await bundle?.remove();
});

/** What points the unmodified SDK client of the example at the stand-in. */
const environment = (): Record<string, string> => ({
  AGENT_ID: 'agent1',
  AGENT_ALIAS_ID: 'ALIAS1',
  CHAT_AUTH: 'none',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME: bedrock.url,
});

for (const major of ['20', '22', '24'] as const) {
  const node = ensureNode(major);

  // Where a Node cannot be had, `ensureNode` has said so and why.
  describe.skipIf(node === undefined)(`the example's handler on Node ${major}`, () => {
    let ric: Ric;
    beforeAll(async () => {
      const running = node === undefined ? {} : { node };
      ric = await startRic({ bundle: bundle.file, env: environment(), ...running });
    });
    afterAll(() => ric?.stop());

    const ask = async (question: string) => {
      const result = await ric.invoke(functionUrlEvent({ body: runInput(question) }));
      return { result, events: readEvents(result.text) };
    };

    test('answers through the real runtime and the real SDK, RUN_STARTED first and one end last', async () => {
      const { result, events } = await ask('What is the answer?');
      expect(result).toMatchObject({ ending: 'complete', prelude: { statusCode: 200 } });
      expect(result.failure).toBeUndefined();
      expect(events[0]?.type).toBe('RUN_STARTED');
      expect(terminalEvent(events).type).toBe('RUN_FINISHED');
      expect(answerText(events)).toBe('The answer is 42.');
    });

    test('answers in Japanese without losing or splitting a character', async () => {
      const { events } = await ask('天気は？');
      expect(answerText(events)).toBe(japaneseAnswer);
    });

    test('reports an upstream that was cut, and answers the next question', async () => {
      bedrock.faultNext({ kind: 'cut', atByte: 200 });
      const { result, events } = await ask('What is the answer?');
      expect(terminalEvent(events)).toMatchObject({
        type: 'RUN_ERROR',
        code: 'UPSTREAM_TRUNCATED',
      });
      expect(result.failure?.message).toContain('UPSTREAM_TRUNCATED');
      expect(answerText((await ask('again')).events)).toBe('The answer is 42.');
    });
  });
}

test('the example refuses to start when nobody said who may call', async () => {
  const { CHAT_AUTH: _, ...incomplete } = environment();
  await expect(startRic({ bundle: bundle.file, env: incomplete })).rejects.toThrow(/CHAT_AUTH/);
});
