import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { idle } from '../engine.fixture';
import { createResponseStream } from './response-stream';

describe('createResponseStream', () => {
  it('is no Writable, refuses null and writes objects as JSON, like the stream of the runtime', async () => {
    const { stream, record } = createResponseStream();
    expect(stream).not.toBeInstanceOf(Writable);
    expect(() => stream.write(null)).toThrow(TypeError);
    stream.write({ a: 1 });
    await idle();
    expect(record.body).toBe('{"a":1}');
  });

  it('splits off the prelude of an HTTP integration response', async () => {
    const { stream, record } = createResponseStream();
    stream.setContentType('application/vnd.awslambda.http-integration-response');
    stream.write('{"statusCode":204,"headers":{}}');
    await idle();
    expect(record.prelude).toBeUndefined();
    stream.write(new Uint8Array(8));
    stream.write('本');
    await idle();
    expect(record.prelude).toEqual({ statusCode: 204, headers: {} });
    expect(record.body).toBe('本');
    expect(() => stream.setContentType('text/plain')).toThrow('too late');
  });

  it('returns false at the high-water mark and drains when the reader goes on', async () => {
    const { stream, record, pause, resume } = createResponseStream({ highWaterMarkBytes: 10 });
    let drained = 0;
    stream.on('drain', () => drained++);
    pause();
    expect(stream.write('12345')).toBe(true);
    expect(stream.write('67890')).toBe(false);
    await idle();
    expect([drained, record.queuedBytes]).toEqual([0, 10]);
    resume();
    await idle();
    expect([drained, record.queuedBytes, record.peakQueuedBytes]).toEqual([1, 0, 10]);
  });

  it('records what would have ended the process', () => {
    const { stream, record } = createResponseStream();
    stream.end();
    stream.write('late');
    stream.destroy();
    expect(record.fatal).toEqual(['write after end', 'destroy']);
  });

  it('tells only by close that the reader left, and swallows later writes', async () => {
    const { stream, record, leave } = createResponseStream();
    let closed = 0;
    stream.on('close', () => closed++);
    leave();
    stream.write('late');
    stream.end();
    await idle();
    expect([closed, record.body, record.finished, record.fatal.length]).toEqual([1, '', false, 0]);
  });
});
