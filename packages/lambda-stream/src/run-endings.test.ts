import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it, vi } from 'vitest';
import { AgentStreamError } from './agent-stream-error';
import { idle, input, invoke, post } from './engine.fixture';
import { fetchHandler } from './fetch-handler';

const circular: Record<string, unknown> = {};
circular.self = circular;

describe('a source that fills the same object again', () => {
  it.each([false, {}] as const)('has each event as it was (pace: %j)', async (pace) => {
    const { settled, events } = invoke(
      async function* () {
        const event: Record<string, unknown> = {};
        const fill = (fields: object) => Object.assign(event, fields) as unknown as AgentEvent;
        yield fill({ type: 'TEXT_MESSAGE_START', messageId: 'm1', role: 'assistant' });
        delete event.role;
        yield fill({ type: 'TEXT_MESSAGE_CONTENT', delta: 'a' });
        yield fill({ delta: 'b' });
        yield fill({ type: 'TEXT_MESSAGE_START', messageId: 'm2', delta: undefined });
        yield fill({ type: 'TEXT_MESSAGE_CONTENT', delta: 'c' });
        yield fill({ messageId: 'm1', delta: 'd' });
        yield fill({ messageId: 'm2', delta: 'e' });
      },
      { pace },
    );
    await settled;
    const text = (id: string) =>
      events()
        .map((event) =>
          event.type === 'TEXT_MESSAGE_CONTENT' && event.messageId === id ? event.delta : '',
        )
        .join('');
    expect([text('m1'), text('m2')]).toEqual(['abd', 'ce']);
    expect(events().at(-1)?.type).toBe('RUN_FINISHED');
  });
});

describe('exactly one terminal event, and nothing after it', () => {
  it.each([false, {}] as const)('when a source answers the abort (pace: %j)', async (pace) => {
    const { settled, events } = invoke(
      ({ signal }) =>
        new ReadableStream({
          start(controller) {
            controller.enqueue('a');
            signal.addEventListener('abort', () => {
              controller.enqueue(' (stopped)');
              controller.close();
            });
          },
        }) as unknown as AsyncIterable<string>,
      { pace, deadlineMarginMs: 0 },
      post(),
      () => 30,
    );
    await settled;
    const types = events().map(({ type }) => type);
    expect(types.filter((type) => /^RUN_(ERROR|FINISHED)$/.test(type))).toEqual(['RUN_ERROR']);
    expect(types.at(-1)).toBe('RUN_ERROR');
  });

  it('when what a source says of its failure cannot be encoded', async () => {
    const { settled, events, reported } = invoke(async function* () {
      yield 'part';
      yield { type: 'RUN_ERROR', message: 'Broken', code: 'X', rawEvent: circular } as AgentEvent;
    });
    await settled;
    expect(events().at(-1)).toEqual({ type: 'RUN_ERROR', message: 'Broken', code: 'X' });
    expect(reported).toEqual(['ERR_DELIVERY', 'X']);
  });

  it('when what a source throws cannot be looked at', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const { settled, events } = invoke(async function* () {
      yield 'part';
      throw proxy;
    });
    await settled;
    expect(events().at(-1)).toMatchObject({ type: 'RUN_ERROR', code: 'INTERNAL_ERROR' });
  });

  it('when the usage of a failure is no list', async () => {
    const usage = { inputTokens: 3 } as never;
    const { settled, events } = invoke(async function* () {
      yield 'part';
      throw new AgentStreamError('Broken', { code: 'X', usage });
    });
    await settled;
    expect(events().at(-1)).toEqual({ type: 'RUN_ERROR', message: 'Broken', code: 'X' });
  });
});

describe('an async hook that rejects', () => {
  const rejects = async (): Promise<never> => {
    throw new Error('Redis is down');
  };

  it('is reported, as an observer', async () => {
    const { settled, events, reported } = invoke(
      async function* () {
        yield 'all';
      },
      { observers: [() => ({ onEvent: rejects })] },
    );
    await settled;
    expect(events().at(-1)?.type).toBe('RUN_FINISHED');
    expect(new Set(reported)).toEqual(new Set(['ERR_OBSERVER']));
  });

  it('changes nothing, as wrap of a run that fails', async () => {
    const { settled, reported } = invoke(
      async function* () {
        yield 'part';
        throw new Error('Broken');
      },
      {
        observers: [
          () => ({ wrap: (start) => Promise.resolve(start()).finally(() => undefined) as never }),
        ],
      },
    );
    await settled;
    expect(reported).toEqual(['INTERNAL_ERROR']);
  });

  it('is logged, as onError', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { settled } = invoke(
      async function* () {
        yield 'part';
        throw new Error('Broken');
      },
      { onError: rejects },
    );
    await settled;
    await idle();
    expect(log.mock.calls.join()).toContain('ERR_ON_ERROR');
    log.mockRestore();
  });
});

it('ends the body of a request that was aborted', async () => {
  const controller = new AbortController();
  const handler = fetchHandler(
    async function* () {
      yield 'part';
      await new Promise(() => undefined);
    },
    { authorize: null },
  );
  const request = new Request('https://agent.example/', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
    signal: controller.signal,
  });
  const text = (await handler(request)).text();
  controller.abort(new Error('No longer needed'));
  await expect(text).rejects.toThrow('No longer needed');
});
