import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
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
