import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it, vi } from 'vitest';
import { eventsOf, idle } from './engine.fixture';
import { createResponseStream } from './testing/response-stream';
import { writeEvents } from './write-events';

const event = (value: unknown): AgentEvent => ({ type: 'CUSTOM', name: 'n', value });

describe('writeEvents', () => {
  it('writes each event as a frame, one write per tick, and leaves the stream open', async () => {
    const { stream, record } = createResponseStream();
    const list = [event(1), event('二'), event({ a: '\n' })];
    const written = writeEvents(
      stream,
      (async function* () {
        yield* list;
      })(),
    );
    expect(await written).toBe(true);
    await idle();
    expect(eventsOf(record.body)).toEqual(list);
    expect(record.chunks).toHaveLength(1);
    expect(record.ended).toBe(false);
    expect(stream.listenerCount('drain')).toBe(0);
  });

  it('waits for a reader that is behind', async () => {
    const { stream, pause, resume } = createResponseStream();
    let pulled = 0;
    pause();
    const written = writeEvents(
      stream,
      (async function* () {
        for (; pulled < 200; pulled++) yield event('x'.repeat(1_000));
      })(),
    );
    await idle(10);
    expect(pulled).toBeLessThan(60);
    resume();
    expect(await written).toBe(true);
    expect(pulled).toBe(200);
  });

  it('stops, closes the source and resolves to false when the reader goes away', async () => {
    const { stream, leave } = createResponseStream();
    let closed = false;
    const written = writeEvents(
      stream,
      (async function* () {
        try {
          for (;;) yield event('x'.repeat(1_000));
        } finally {
          closed = true;
        }
      })(),
    );
    await idle();
    leave();
    expect(await written).toBe(false);
    expect(closed).toBe(true);
  });

  it('does not wait for the next event of a source once the reader has gone', async () => {
    const { stream, leave } = createResponseStream();
    let returned = 0;
    const source: AsyncIterable<AgentEvent> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned++;
          return { done: true, value: undefined };
        },
      }),
    };
    const written = writeEvents(stream, source);
    await idle();
    leave();
    expect(await written).toBe(false);
    expect(returned).toBe(1);
    expect(stream.listenerCount('close')).toBe(0);
  });

  it('leaves behind a source that does not close', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { stream, leave } = createResponseStream();
      const written = writeEvents(
        stream,
        (async function* () {
          await new Promise(() => {});
          yield event(1);
        })(),
      );
      await idle();
      leave();
      await idle();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await written).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not begin for a reader that has gone already', async () => {
    const { stream, leave } = createResponseStream();
    leave();
    let pulled = 0;
    const written = writeEvents(
      stream,
      (async function* () {
        pulled++;
        yield event(1);
      })(),
    );
    expect(await written).toBe(false);
    expect(pulled).toBe(0);
  });

  it('closes the source and rejects when an event cannot be encoded', async () => {
    const { stream, record } = createResponseStream();
    let closed = false;
    const written = writeEvents(
      stream,
      (async function* () {
        try {
          yield event(1);
          yield event(1n);
        } finally {
          closed = true;
        }
      })(),
    );
    await expect(written).rejects.toThrow(TypeError);
    expect(closed).toBe(true);
    await idle();
    expect(eventsOf(record.body)).toEqual([event(1)]);
  });

  it('rejects with what the source throws, after writing what came before', async () => {
    const { stream, record } = createResponseStream();
    const written = writeEvents(
      stream,
      (async function* () {
        yield event(1);
        throw new Error('upstream');
      })(),
    );
    await expect(written).rejects.toThrow('upstream');
    await idle();
    expect(eventsOf(record.body)).toEqual([event(1)]);
  });
});
