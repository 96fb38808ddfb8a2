import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerText, readEvents, terminalEvent } from '../support/agent-events';
import { type AgentService, japaneseAnswer, startAgentService } from '../support/agent-service';
import { runInput } from '../support/function-url-event';
import { rawRequest } from '../support/raw-request';

let english: AgentService;
let japanese: AgentService;

beforeAll(async () => {
  english = await startAgentService('ENGLISH');
  japanese = await startAgentService('JAPANESE');
});
afterAll(async () => {
  await english?.close();
  await japanese?.close();
});

test('a run arrives as valid AG-UI events, RUN_STARTED first and one terminal event last', async () => {
  const response = await rawRequest(english.url, { body: runInput('What is the answer?') });
  expect(response).toMatchObject({ status: 200, complete: true });
  const events = readEvents(response.text);
  expect(events[0]).toMatchObject({ type: 'RUN_STARTED', threadId: 'thread-1', runId: 'run-1' });
  expect(terminalEvent(events)).toMatchObject({
    type: 'RUN_FINISHED',
    threadId: 'thread-1',
    runId: 'run-1',
  });
  expect(answerText(events)).toBe('The answer is 42.');
});

test('the headers say event stream, and forbid caching and transforming', async () => {
  const { headers } = await rawRequest(english.url, { body: runInput('q') });
  expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(headers['cache-control']).toBe('no-cache, no-transform');
  expect(headers['x-accel-buffering']).toBe('no');
  expect(headers['content-encoding']).toBeUndefined();
});

test('the framing is what every AG-UI client reads: LF, one data line per event, no event names, no [DONE]', async () => {
  const { text } = await rawRequest(english.url, { body: runInput('q') });
  expect(text).not.toContain('\r');
  expect(text).not.toContain('[DONE]');
  for (const block of text.split('\n\n').slice(0, -1)) {
    const lines = block.split('\n').filter((line) => !line.startsWith(':'));
    expect(lines.filter((line) => !line.startsWith('data: '))).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(1);
  }
});

test('Japanese and joined emoji arrive whole', async () => {
  const { text } = await rawRequest(japanese.url, { body: runInput('天気は？') });
  expect(answerText(readEvents(text))).toBe(japaneseAnswer);
  expect(text).not.toContain('\ufffd');
});

test('a request without protocolVersion gets a run that says nothing newer than 0.0.59', async () => {
  const { protocolVersion: _, ...old } = runInput('q');
  const events = readEvents((await rawRequest(english.url, { body: old })).text);
  expect(terminalEvent(events).type).toBe('RUN_FINISHED');
  expect(answerText(events)).toBe('The answer is 42.');
});

test('the answer is delivered while it is written, not at its end', async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const service = await startAgentService('held', {
    agents: {
      held: async function* () {
        yield 'first';
        await held;
        yield ' last';
      },
    },
  });
  try {
    const response = await fetch(service.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(runInput('q')),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    while (!seen.includes('first')) seen += (await reader?.read())?.value ?? '';
    expect(seen).not.toContain('last'); // it does not exist yet
    release();
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      seen += next.value;
    }
    expect(answerText(readEvents(seen))).toBe('first last');
  } finally {
    release();
    await service.close();
  }
});
