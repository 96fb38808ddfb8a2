import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { judgeStream } from './judge-stream';
import { probeStream } from './probe-stream';

const frame = (event: object) => `data: ${JSON.stringify(event)}\n\n`;
const started = frame({ type: 'RUN_STARTED', threadId: 't', runId: 'r' });
const text = (delta: string) => frame({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta });
const finished = frame({ type: 'RUN_FINISHED', threadId: 't', runId: 'r' });
const request = {
  url: new URL('https://a.example/run?key=secret'),
  headers: {},
  body: '{}',
  signal: new AbortController().signal,
};

/** An answer whose chunks come at the times that are given, by a clock that only they move. */
function play(...chunks: [atMs: number, text: string | Uint8Array][]) {
  let nowMs = 1_000;
  const rest = [...chunks];
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = rest.shift();
        if (next === undefined) return controller.close();
        nowMs = 1_000 + next[0];
        const bytes = typeof next[1] === 'string' ? new TextEncoder().encode(next[1]) : next[1];
        return controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = async () =>
    new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  return probeStream(request, fetch, () => nowMs);
}

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});
async function ask(listener: RequestListener) {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const { port } = listening.address() as AddressInfo;
  return probeStream({ ...request, url: new URL(`http://127.0.0.1:${port}/`) });
}

describe('probeStream()', () => {
  it('tells when each part came, chunk by chunk and wherever they are cut', async () => {
    const bytes = new TextEncoder().encode(text('判定'));
    const cut = bytes.indexOf(0xe5) + 1;
    const { report } = await play(
      [50, started],
      [100, bytes.subarray(0, cut)],
      [130, bytes.subarray(cut)],
      [170, `${text('a')}${text('b')}: still here\n\n`],
      [260, text('c') + finished],
    );
    expect(report).toEqual({
      url: 'https://a.example/run',
      status: 200,
      contentType: 'text/event-stream',
      contentEncoding: undefined,
      contentLength: undefined,
      headersMs: 0,
      firstByteMs: 50,
      firstTextMs: 130,
      lastTextMs: 260,
      endMs: 260,
      bytes: expect.any(Number),
      events: 6,
      textEvents: 4,
      textArrivals: 3,
      gapMs: { median: 40, p95: 90, max: 90 },
      terminal: 'RUN_FINISHED',
    });
    expect(judgeStream(report).verdict).toBe('streams');
  });

  it('tells an answer that came in one piece from one whose text did', async () => {
    const late = await play([3_000, started + text('a') + text('b') + finished]);
    expect(judgeStream(late.report).verdict).toBe('buffered');
    const { report } = await play([60, started], [3_000, text('a') + text('b') + finished]);
    expect(judgeStream(report).verdict).toBe('agent-buffers');
  });

  it('keeps the code of a failed run and not its message', async () => {
    const error = frame({ type: 'RUN_ERROR', message: 'the prompt: secret', code: 'THROTTLED' });
    const { report } = await play([1, started + error]);
    expect(report).toMatchObject({ terminal: 'RUN_ERROR', runErrorCode: 'THROTTLED' });
    expect(JSON.stringify(report)).not.toContain('secret');
  });

  it('names what is no AG-UI event', async () => {
    const { report } = await play([1, started], [2, 'data: Hello\n\n']);
    expect(report.failure).toMatch(/^the stream holds something else than AG-UI events: /);
    expect(report.events).toBe(1);
  });

  it('keeps the beginning of an answer that is no stream', async () => {
    const { report } = await ask((_request, response) =>
      response
        .writeHead(403, { 'content-type': 'application/json' })
        .end('{"Message":"Forbidden"}'),
    );
    expect(report).toMatchObject({ status: 403, body: '{"Message":"Forbidden"}' });
  });

  it('reads no more of it than it tells, though it never ends', async () => {
    let written = 0;
    const { report } = await ask((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      const write = () => {
        written++;
        if (response.write('x'.repeat(65_536))) setImmediate(write);
        else response.once('drain', write);
      };
      write();
      response.once('close', () => response.removeAllListeners('drain'));
    });
    expect(report.body).toBe('x'.repeat(500));
    expect(report.failure).toBeUndefined();
    expect(written).toBeLessThan(1_000);
  });

  it('sees that a stream is compressed', async () => {
    const { report } = await ask((incoming, response) => {
      expect(incoming.headers['accept-encoding']).toContain('gzip');
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
      response.end(gzipSync(started + text('a') + finished));
    });
    expect(report).toMatchObject({ contentEncoding: 'gzip', events: 3, terminal: 'RUN_FINISHED' });
  });

  it('follows no redirect', async () => {
    const paths: unknown[] = [];
    const { report } = await ask((incoming, response) => {
      paths.push(incoming.url);
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(report.status).toBe(307);
    expect(paths).toEqual(['/']);
  });

  it('tells how a connection ended', async () => {
    const cut = await ask((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(started, () => response.destroy());
    });
    expect(cut.report).toMatchObject({ failure: expect.stringMatching(/terminated/) });
    const closed = await probeStream({ ...request, url: new URL('http://127.0.0.1:1/') });
    expect(closed.report).toMatchObject({
      failure: expect.stringMatching(/ECONNREFUSED|bad port/),
    });
    expect(closed.answer).toBeUndefined();
  });

  it('tells the reason of its signal', async () => {
    const signal = AbortSignal.abort(new Error('no more time'));
    const { report } = await probeStream({ ...request, signal });
    expect(report.failure).toBe('no more time');
  });
});
