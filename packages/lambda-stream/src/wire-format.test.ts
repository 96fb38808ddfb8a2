import { describe, expect, it } from 'vitest';
import { input, invoke, post } from './engine.fixture';
import { createFakeClock } from './pace/fake-clock.fixture';
import type { StandardSchema } from './standard-schema';
import type { WireFormat } from './wire-format';

/** Counts the characters of a run's text: an encoder that goes by the order in which it is given events. */
const counting: WireFormat = {
  headers: { 'x-format': 'counting' },
  createEncoder: () => {
    let chars = 0;
    return (event) => {
      if (event.type === 'TEXT_MESSAGE_CONTENT') chars += event.delta.length;
      return event.type === 'TEXT_MESSAGE_CONTENT' ? '' : `data: ${event.type} ${chars}\n\n`;
    };
  },
};
const schema = (validate: (value: unknown) => unknown): StandardSchema =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as never;
async function* words() {
  yield 'one ';
  yield 'two ';
  yield { type: 'CUSTOM', name: 'n', value: 1 } as const;
  yield 'three';
}

describe('wireFormat', () => {
  it.each([
    ['paced', {}],
    ['unpaced', { pace: false }],
  ] as const)('is given the events in the order of their delivery, %s', async (_how, pace) => {
    const { settled, record } = invoke(words, { wireFormat: counting, ...pace });
    await settled;
    expect(record.body.replace(': open\n\n', '').split('\n\n')).toEqual([
      'data: RUN_STARTED 0',
      'data: TEXT_MESSAGE_START 0',
      'data: TEXT_MESSAGE_END 8',
      'data: CUSTOM 8',
      'data: TEXT_MESSAGE_START 8',
      'data: TEXT_MESSAGE_END 13',
      'data: RUN_FINISHED 13',
      '',
    ]);
    expect(record.body.startsWith(': open\n\n')).toBe(true);
  });

  it('adds its headers to those of an event stream', async () => {
    const { settled, record } = invoke(words, { wireFormat: counting });
    await settled;
    expect(record.prelude?.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-format': 'counting',
    });
  });

  it('makes the body that "input" reads, whose ids are the run’s', async () => {
    const request = schema((value) => ({
      value: { ...input, threadId: `thread of ${(value as { chat: string }).chat}` },
    }));
    let seen: unknown;
    const { settled, record } = invoke(
      async function* (run) {
        seen = run.input;
        yield 'x';
      },
      {
        wireFormat: {
          request,
          createEncoder: () => (event) => `data: ${JSON.stringify(event)}\n\n`,
        },
      },
      post({ chat: '7' }),
    );
    await settled;
    expect(seen).toMatchObject({ threadId: 'thread of 7', messages: input.messages });
    expect(record.body).toContain('"type":"RUN_STARTED","threadId":"thread of 7","runId":"r1"');
  });

  it('answers 400 to what it refuses, and to what "input" refuses of what it made', async () => {
    const refusing = schema(() => ({ issues: [{ path: ['chat'], message: 'must be there' }] }));
    const empty = schema(() => ({ value: {} }));
    const answers = [];
    for (const request of [refusing, empty]) {
      const { settled, record } = invoke(words, { wireFormat: { ...counting, request } }, post({}));
      await settled;
      answers.push([record.prelude?.statusCode, JSON.parse(record.body).errors[0].path]);
    }
    expect(answers).toEqual([
      [400, 'chat'],
      [400, 'messages'],
    ]);
  });

  it.each([
    ['paced', {}],
    ['unpaced', { pace: false }],
  ] as const)(
    'fails the run when it throws, and says so where it still can, %s',
    async (_how, pace) => {
      const errors: unknown[] = [];
      const wireFormat: WireFormat = {
        createEncoder: () => (event) => {
          if (event.type === 'CUSTOM') throw new Error('no such part');
          return `data: ${event.type}\n\n`;
        },
      };
      const clock = createFakeClock();
      const onError = (_error: unknown, { code }: { code: string }) => void errors.push(code);
      const { settled, record, stats } = invoke(words, { wireFormat, clock, onError, ...pace });
      await settled;
      expect(record.body.trimEnd().endsWith('data: RUN_ERROR')).toBe(true);
      expect(errors).toEqual(['INVALID_EVENT']);
      expect(stats).toMatchObject([{ status: 'failed', errorCode: 'INVALID_EVENT' }]);
    },
  );

  it('ends the response even where it cannot encode the end', async () => {
    const createEncoder = () => () => {
      throw new Error('never');
    };
    const errors: unknown[] = [];
    const onError = (_error: unknown, { code }: { code: string }) => void errors.push(code);
    const { settled, stats } = invoke(words, { wireFormat: { createEncoder }, onError });
    await settled;
    expect(stats).toMatchObject([{ status: 'failed' }]);
    expect(errors).toContain('ERR_DELIVERY');
  });

  it('refuses what is no wire format', () => {
    expect(() => invoke(words, { wireFormat: {} as WireFormat })).toThrow(
      '"wireFormat" must be a wire format',
    );
  });
});
