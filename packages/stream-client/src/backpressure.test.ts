import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createAgentClient } from './agent-client';
import { answer, eventStream, frame } from './test/frames';

test('a slow consumer stalls the network read: at most 3 chunks ahead', async () => {
  let pulled = 0;
  const chunk = new TextEncoder().encode(
    frame({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'x'.repeat(60_000) }),
  );
  const end = new TextEncoder().encode(frame(answer().at(-1) as never));
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(++pulled <= 50 ? chunk : end);
      },
    },
    { highWaterMark: 0 },
  );
  const fetch = async () => new Response(body, { headers: eventStream });
  let consumed = 0;
  let ahead = 0;
  for await (const _event of createAgentClient({ url: 'https://a.example/', fetch }).run('Hi')) {
    consumed++;
    await new Promise((resolve) => setTimeout(resolve, 1));
    ahead = Math.max(ahead, pulled - consumed);
  }
  expect(consumed).toBe(51);
  expect(ahead).toBeLessThanOrEqual(3);
});

test('over a real socket a reader that stops reading stops the server from writing', async () => {
  const megabyte = frame({
    type: 'TEXT_MESSAGE_CONTENT',
    messageId: 'm1',
    delta: 'x'.repeat(2 ** 20),
  });
  let written = 0;
  let full: () => void = () => {};
  const stalled = new Promise<void>((resolve) => {
    full = resolve;
  });
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, eventStream);
    const write = () => {
      while (written < 100) {
        written++;
        if (!response.write(megabyte)) {
          const timer = setTimeout(full, 300);
          response.once('drain', () => {
            clearTimeout(timer);
            write();
          });
          return;
        }
      }
    };
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const run = createAgentClient({ url: `http://127.0.0.1:${port}/` }).run('Hi');
  const iterator = run[Symbol.asyncIterator]();
  await iterator.next();
  await stalled;
  // What was written sits in the sockets' buffers of both ends, not in this process's heap.
  expect(written).toBeLessThan(30);
  await run.cancel();
  server.closeAllConnections();
  server.close();
});
