import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import type { RunItem } from './run-request';
import { streamHandler } from './stream-handler';
import { createResponseStream } from './testing/response-stream';

const input: RunAgentInput = {
  threadId: 't1',
  runId: 'r1',
  protocolVersion: '1.0',
  messages: [{ id: 'u1', role: 'user', content: 'hello' }],
  tools: [],
  context: [],
};

const post = (body: unknown = input) => ({
  version: '2.0',
  rawPath: '/',
  headers: { 'content-type': 'application/json' },
  requestContext: { http: { method: 'POST' } },
  body: typeof body === 'string' ? body : JSON.stringify(body),
  isBase64Encoded: false,
});

const eventsOf = (body: string): AgentEvent[] =>
  body
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: '))
    .map((frame) => JSON.parse(frame.slice(6)));

async function invoke(run: () => AsyncIterable<RunItem>, event: unknown = post()) {
  const double = createResponseStream();
  const handler = streamHandler(run, { authorize: null, pace: false, onError: () => undefined });
  const failure = await handler(event, double.stream, {
    getRemainingTimeInMillis: () => 30_000,
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { ...double, failure, events: eventsOf(double.record.body) };
}

describe('streamHandler', () => {
  it('sends prelude, 8 NUL bytes and the opening comment in one write, before the run answers', async () => {
    const { record, failure } = await invoke(async function* () {
      yield 'Hello';
      yield ' world';
    });
    expect(failure).toBeUndefined();
    expect(record.chunks[0]).toMatch(/^\{"statusCode":200,.*\}\0{8}: open\n\n$/);
    expect(record.contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(record.prelude).toEqual({
      statusCode: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      },
    });
    expect(eventsOf(record.body)).toEqual([
      { type: 'RUN_STARTED', threadId: 't1', runId: 'r1', protocolVersion: '1.0' },
      { type: 'TEXT_MESSAGE_START', messageId: 'r1-text-1', role: 'assistant' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'r1-text-1', delta: 'Hello' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'r1-text-1', delta: ' world' },
      { type: 'TEXT_MESSAGE_END', messageId: 'r1-text-1' },
      { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' },
    ]);
    expect(record.finished).toBe(true);
    expect(record.fatal).toEqual([]);
  });
  it('answers a malformed body with a problem that names the field and never calls the run', async () => {
    let calls = 0;
    const { record } = await invoke(
      async function* () {
        calls++;
        yield 'no';
      },
      post({ ...input, messages: [{ id: 'u1', role: 'user', content: 5 }] }),
    );
    expect(record.prelude?.statusCode).toBe(400);
    expect(calls).toBe(0);
  });
});
