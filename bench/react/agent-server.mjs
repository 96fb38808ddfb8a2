// An agent over HTTP on loopback, in a process of its own: POST /<dialect>?tokens=&rate= answers with that many text deltas, in bursts
// every 5 ms or, with rate 0, all at once. GET serves the folder given as the first argument.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

const TICK_MS = 5;
const folder = process.argv[2];
const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

const sse = (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`;
const token = (index) => `word${index % 100} `;

const dialects = {
  'ag-ui': ({ threadId = 't', runId = 'r' }) => ({
    head: [
      { type: 'RUN_STARTED', threadId, runId },
      { type: 'TEXT_MESSAGE_START', messageId: `a-${runId}`, role: 'assistant' },
    ],
    delta: (index) => ({
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: `a-${runId}`,
      delta: token(index),
    }),
    tail: [
      { type: 'TEXT_MESSAGE_END', messageId: `a-${runId}` },
      { type: 'RUN_FINISHED', threadId, runId },
    ],
  }),
  'ai-sdk': () => ({
    head: [{ type: 'start' }, { type: 'text-start', id: 'a' }],
    delta: (index) => ({ type: 'text-delta', id: 'a', delta: token(index) }),
    tail: [{ type: 'text-end', id: 'a' }, { type: 'finish' }, '[DONE]'],
  }),
};

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

async function answer(request, response, { pathname, searchParams }) {
  const { head, delta, tail } = dialects[pathname.slice(1)](await bodyOf(request));
  const tokens = Number(searchParams.get('tokens'));
  const rate = Number(searchParams.get('rate'));
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-vercel-ai-ui-message-stream': 'v1',
  });
  response.write(head.map(sse).join(''));
  let sent = 0;
  const startedAtMs = performance.now();
  const timer = setInterval(() => {
    const due =
      rate === 0
        ? tokens
        : Math.min(tokens, Math.floor(((performance.now() - startedAtMs) * rate) / 1_000));
    let text = '';
    while (sent < due) text += sse(delta(sent++));
    if (text) response.write(text);
    if (sent < tokens) return;
    clearInterval(timer);
    response.end(tail.map(sse).join(''));
  }, TICK_MS);
  response.on('close', () => clearInterval(timer));
}

async function file(response, pathname) {
  const path = normalize(pathname);
  const body = await readFile(join(folder, path)).catch(() => undefined);
  const extension = path.slice(path.lastIndexOf('.'));
  response.writeHead(body ? 200 : 404, { 'content-type': types[extension] ?? 'text/plain' });
  response.end(body);
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const work =
    request.method === 'POST' ? answer(request, response, url) : file(response, url.pathname);
  work.catch((error) => response.destroy(error));
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
process.on('disconnect', () => process.exit());
