import {
  createAgentClient,
  createConversation,
  HttpError,
  RunError,
  TruncatedError,
} from '@magi/stream-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AgentService, japaneseAnswer, startAgentService } from '../support/agent-service';
import { type CuttingProxy, startCuttingProxy } from '../support/cutting-proxy';
import { runInput } from '../support/function-url-event';
import { rawRequest } from '../support/raw-request';

const services: AgentService[] = [];
const service = async (...args: Parameters<typeof startAgentService>): Promise<AgentService> => {
  const started = await startAgentService(...args);
  services.push(started);
  return started;
};
afterAll(async () => {
  for (const each of services) await each.close();
});

describe('our client over our handler', () => {
  test('reads the whole answer, in Japanese too', async () => {
    const client = createAgentClient({ url: (await service('JAPANESE')).url });
    expect(await client.run('天気は？').text()).toBe(japaneseAnswer);
  });

  test('yields the events of the wire, in order, up to the end', async () => {
    const client = createAgentClient({ url: (await service('ENGLISH')).url });
    const run = client.run('q');
    const types: string[] = [];
    for await (const event of run) types.push(event.type);
    expect(types[0]).toBe('RUN_STARTED');
    expect(types.at(-1)).toBe('RUN_FINISHED');
    await expect(run.result).resolves.toMatchObject({ outcome: 'finished' });
  });

  test('asks once: one run is one POST and one call of the agent', async () => {
    const { url, bedrock } = await service('ENGLISH');
    await createAgentClient({ url }).run('q').text();
    expect(bedrock.requests).toHaveLength(1);
  });

  test('keeps citations with the message that they support', async () => {
    const client = createAgentClient({ url: (await service('CITED')).url });
    const conversation = createConversation({ client });
    await conversation.send('At what temperature does water boil?');
    const answer = conversation.getSnapshot().messages.at(-1);
    expect(answer).toMatchObject({
      role: 'assistant',
      state: 'complete',
      text: 'Water boils at 100 °C.',
      citations: [
        {
          uri: 'https://example.com/water',
          quote: 'At sea level water boils at 100 °C.',
          span: { start: 0, end: 11 },
        },
      ],
    });
    conversation.dispose();
  });

  test('sends the thread of a conversation as the session of the agent', async () => {
    const { url, bedrock } = await service('ENGLISH');
    const conversation = createConversation({
      client: createAgentClient({ url }),
      threadId: 't-9',
    });
    await conversation.send('one');
    await conversation.send('two');
    expect(bedrock.requests.map((request) => request.params.sessionId)).toEqual(['t-9', 't-9']);
    expect(conversation.getSnapshot().messages).toHaveLength(4);
    conversation.dispose();
  });

  test('stop() ends the run and keeps the partial text', async () => {
    const client = createAgentClient({ url: (await service('SLOW')).url });
    const conversation = createConversation({ client });
    const sent = conversation.send('q');
    await new Promise<void>((resolve) => {
      conversation.subscribe(() => {
        const text = conversation.getSnapshot().messages.at(-1)?.text ?? '';
        if (text.startsWith('tick tick ')) resolve();
      });
    });
    conversation.stop();
    expect((await sent).status).toBe('cancelled');
    const { messages, status } = conversation.getSnapshot();
    expect(status).toBe('idle');
    expect(messages.at(-1)).toMatchObject({ role: 'assistant', state: 'stopped' });
    expect(messages.at(-1)?.text).toMatch(/^tick tick /);
    conversation.dispose();
  });

  test('an agent that fails is a RunError with the code of the server, and asking again works', async () => {
    const { url, bedrock } = await service('ENGLISH');
    const conversation = createConversation({ client: createAgentClient({ url }) });
    bedrock.faultNext({ kind: 'exception', name: 'throttlingException', afterFrames: 2 });
    expect(await conversation.send('q')).toMatchObject({ status: 'failed' });
    const { error, status, messages } = conversation.getSnapshot();
    expect(status).toBe('error');
    expect(error).toBeInstanceOf(RunError);
    expect(error).toMatchObject({ runCode: 'THROTTLED' });
    expect(messages.at(-1)).toMatchObject({ text: 'The answer ', state: 'failed' });
    await conversation.regenerate();
    expect(conversation.getSnapshot().messages.at(-1)).toMatchObject({
      text: 'The answer is 42.',
      state: 'complete',
    });
    conversation.dispose();
  });

  test('a request that the handler refuses is an HttpError with the status', async () => {
    const { url, bedrock } = await service('ENGLISH');
    const run = createAgentClient({ url: new URL('nowhere', url).href }).run('q');
    await expect(run.result).rejects.toMatchObject({ status: 404 });
    await expect(run.result).rejects.toBeInstanceOf(HttpError);
    expect(bedrock.requests).toHaveLength(0);
  });
});

describe('a function URL connection that breaks', () => {
  let target: AgentService;
  let proxy: CuttingProxy;
  let head: number;
  let whole: number;

  beforeAll(async () => {
    target = await service('ENGLISH');
    proxy = await startCuttingProxy(target.url);
    const { headers, text } = await rawRequest(target.url, { body: runInput('q') });
    head = 100 + JSON.stringify(headers).length; // a cut before the status line is complete is another error
    whole = text.length;
  });
  afterAll(() => proxy?.close());

  for (const how of ['close', 'reset'] as const) {
    test(`by ${how} is a TruncatedError wherever it breaks, never a short answer, and never a second POST`, async () => {
      const before = target.bedrock.requests.length;
      const points = Array.from({ length: 12 }, (_, i) => head + Math.floor((i * whole) / 12));
      for (const bytes of points) {
        proxy.cutNextAfter(bytes, how);
        const run = createAgentClient({ url: proxy.url }).run('q');
        await expect(run.result).rejects.toBeInstanceOf(TruncatedError);
      }
      expect(target.bedrock.requests.length).toBe(before + points.length);
    });
  }
});
