import { afterEach, describe, expect, test } from 'vitest';
import { createAgentClient } from './agent-client';
import { HttpError, RunError, TruncatedError } from './errors';
import { answer, eventStream, frame, startServer, type TestServer } from './test/sse-server';

let server: TestServer | undefined;
afterEach(() => server?.close());

describe('createAgentClient()', () => {
  test('run() yields the events of a run and text() its text', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, eventStream);
      for (const event of answer('Hel', 'lo')) response.write(frame(event));
      response.end();
    });
    const client = createAgentClient({ url: server.url });
    const types: string[] = [];
    const run = client.run({
      threadId: 't1',
      messages: [{ id: 'u1', role: 'user', content: 'Hi' }],
    });
    for await (const event of run) types.push(event.type);
    expect(types).toEqual(answer('', '').map(({ type }) => type));
    expect(await run.result).toMatchObject({ outcome: 'finished', threadId: 't1' });
    expect(await client.run('Hi').text()).toBe('Hello');
    expect(server.requests).toHaveLength(2);
    expect(JSON.parse(server.requests[1]?.body ?? '')).toMatchObject({
      protocolVersion: '1.0',
      messages: [{ role: 'user', content: 'Hi' }],
    });
  });

  test('a stream that ends without a terminal event is a TruncatedError', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, eventStream);
      for (const event of answer('Hel').slice(0, 3)) response.write(frame(event));
      response.end();
    });
    const error = await createAgentClient({ url: server.url })
      .run('Hi')
      .text()
      .catch((e) => e);
    expect(error).toBeInstanceOf(TruncatedError);
    expect(server.requests).toHaveLength(1);
  });

  test('RUN_ERROR is yielded and then thrown as RunError', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, eventStream);
      response.end(
        frame({
          type: 'RUN_ERROR',
          message: 'Too busy',
          code: 'THROTTLED',
          metadata: { retryable: true },
        }),
      );
    });
    const seen: string[] = [];
    const run = createAgentClient({ url: server.url }).run('Hi');
    const failure = (async () => {
      for await (const event of run) seen.push(event.type);
    })();
    await expect(failure).rejects.toMatchObject({
      code: 'ERR_RUN',
      runCode: 'THROTTLED',
      retryable: true,
      message: 'Too busy',
    });
    expect(seen).toEqual(['RUN_ERROR']);
    await expect(run.result).rejects.toBeInstanceOf(RunError);
  });

  test('an HTML page with status 200 is an HttpError', async () => {
    server = await startServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<h1>Log in</h1>');
    });
    const error = await createAgentClient({ url: server.url })
      .run('Hi')
      .text()
      .catch((e) => e);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ code: 'ERR_HTTP', status: 200, body: '<h1>Log in</h1>' });
  });
});
