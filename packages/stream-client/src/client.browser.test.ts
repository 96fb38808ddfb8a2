import { afterEach, expect, test, vi } from 'vitest';
import { createAgentClient } from './agent-client';
import type { AuthRequest } from './auth/auth-hook';
import { cookie } from './auth/cookie';
import { oacHash } from './auth/oac-hash';
import { createConversation } from './conversation';
import { HttpError, NetworkError } from './errors';
import { answer, eventStream, frame } from './test/frames';

afterEach(() => vi.restoreAllMocks());

/** A response that streams the events one network chunk at a time. */
function streamed(deltas: string[], intervalMs: number): typeof fetch {
  return async () => {
    const encoder = new TextEncoder();
    const events = answer(...deltas);
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        for (const event of events) {
          controller.enqueue(encoder.encode(frame(event)));
          if (intervalMs > 0) await new Promise((resolve) => setTimeout(resolve, intervalMs));
        }
        controller.close();
      },
    });
    return new Response(body, { headers: eventStream });
  };
}
const url = 'https://agent.example/';
const context = { attempt: 1, reason: 'start' } as const;
const request: AuthRequest = { method: 'POST', url, headers: {}, body: '日本語' };

test('a page that answers with HTML is an HttpError', async () => {
  const error = await createAgentClient({ url: '/' })
    .run('Hi')
    .text()
    .catch((e) => e);
  expect(error).toBeInstanceOf(HttpError);
});

test('an address that gives no readable answer is a NetworkError', async () => {
  const error = await createAgentClient({ url: 'http://127.0.0.1:1/' })
    .run('Hi')
    .text()
    .catch((e) => e);
  expect(error).toBeInstanceOf(NetworkError);
});

test('text split anywhere inside a character arrives whole', async () => {
  const bytes = new TextEncoder().encode(
    answer('承認🙂')
      .map((event) => frame(event))
      .join(''),
  );
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const fetch = async () => new Response(body, { headers: eventStream });
  expect(await createAgentClient({ url, fetch }).run('Hi').text()).toBe('承認🙂');
});

test('listeners are told once per frame at most, and at once when the run ends', async () => {
  const deltas = Array.from({ length: 300 }, (_, i) => `${i} `);
  const conversation = createConversation({
    client: createAgentClient({ url, fetch: streamed(deltas, 0) }),
  });
  let notified = 0;
  let frames = 0;
  let counting = true;
  const count = () => {
    frames++;
    if (counting) requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  conversation.subscribe(() => {
    notified++;
  });
  const { status } = await conversation.send('Hi');
  counting = false;
  expect(status).toBe('finished');
  expect(conversation.getSnapshot().messages[1]?.text).toBe(deltas.join(''));
  expect(notified).toBeLessThanOrEqual(frames + 4);
});

test('a hidden tab, which has no frames, is told by a timer', async () => {
  vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(1);
  const conversation = createConversation({
    client: createAgentClient({ url, fetch: streamed(['a', 'b', 'c', 'd', 'e', 'f'], 60) }),
  });
  const seen = new Set<string | undefined>();
  conversation.subscribe(() => seen.add(conversation.getSnapshot().messages[1]?.text));
  await conversation.send('Hi');
  expect(seen.size).toBeGreaterThan(2);
});

test('a burst leaves the page room to paint', async () => {
  const deltas = Array.from({ length: 30_000 }, () => 'あいう');
  const text = answer(...deltas)
    .map((event) => frame(event))
    .join('');
  const fetch = async () => new Response(text, { headers: eventStream });
  const conversation = createConversation({ client: createAgentClient({ url, fetch }) });
  let painted = 0;
  let running = true;
  const paint = () => {
    painted++;
    if (running) requestAnimationFrame(paint);
  };
  requestAnimationFrame(paint);
  await conversation.send('Hi');
  running = false;
  expect(conversation.getSnapshot().messages[1]?.text).toHaveLength(90_000);
  expect(painted).toBeGreaterThan(0);
});

test('cookie() reads the CSRF token from a cookie of the page', async () => {
  // biome-ignore lint/suspicious/noDocumentCookie: a test of reading what this sets
  document.cookie = 'csrf=a%20b; path=/';
  const applied = await cookie({ csrfToken: 'csrf' }).apply(request, context);
  expect(applied).toMatchObject({ credentials: 'include', headers: { 'x-csrf-token': 'a b' } });
});

test('oacHash() hashes with WebCrypto', async () => {
  const { headers } = await oacHash().apply(request, context);
  expect(headers['x-amz-content-sha256']).toBe(
    '77710aedc74ecfa33685e33a6c7df5cc83004da1bdcef7fb280f5c2b2e97e0a5',
  );
});
