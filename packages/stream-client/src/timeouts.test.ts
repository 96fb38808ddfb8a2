import { describe, expect, test, vi } from 'vitest';
import { createAgentClient } from './agent-client';
import { TimeoutError } from './errors';
import { createFakeClock } from './test/fake-clock';
import { answer, eventStream, frame } from './test/frames';
import { resolveTimeouts, type TimeoutOptions } from './timeouts';
import { createWaitLimit } from './wait-limit';

/** A client on a fake clock, with a server that does nothing by itself. */
function setUp(timeouts: TimeoutOptions) {
  const clock = createFakeClock();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let respond: () => void = () => {};
  let aborted = false;
  const fetch = (_url: unknown, init?: RequestInit) => {
    init?.signal?.addEventListener('abort', () => {
      aborted = true;
    });
    return new Promise<Response>((resolve) => {
      const body = new ReadableStream<Uint8Array>({
        start(started) {
          controller = started;
        },
      });
      respond = () => resolve(new Response(body, { headers: eventStream }));
    });
  };
  const client = createAgentClient({
    url: 'https://agent.example/',
    clock,
    fetch: fetch as typeof globalThis.fetch,
    timeouts,
  });
  const run = client.run('Hi');
  let outcome: unknown;
  run.text().then(
    (text) => {
      outcome = text;
    },
    (error) => {
      outcome = error;
    },
  );
  return {
    clock,
    respond: () => respond(),
    send: (text: string) => controller?.enqueue(new TextEncoder().encode(text)),
    outcome: () => outcome,
    aborted: () => aborted,
  };
}
const limits = { connectMs: 100, firstEventMs: 200, idleMs: 300, totalMs: 1000 };
const [started, opened, delta] = answer('a').map((event) => frame(event));

describe('time limits', () => {
  test('connect: no response headers', async () => {
    const { clock, outcome, aborted } = setUp(limits);
    await clock.advance(99);
    expect(outcome()).toBeUndefined();
    await clock.advance(1);
    expect(outcome()).toBeInstanceOf(TimeoutError);
    expect(outcome()).toMatchObject({ code: 'ERR_TIMEOUT', phase: 'connect', limitMs: 100 });
    expect(aborted()).toBe(true);
  });

  test('first-event: headers and comments, but no event', async () => {
    const { clock, respond, send, outcome } = setUp(limits);
    await clock.advance(50);
    respond();
    await clock.advance(100);
    send(': open\n\n');
    await clock.advance(49);
    expect(outcome()).toBeUndefined();
    await clock.advance(1);
    expect(outcome()).toMatchObject({ phase: 'first-event', limitMs: 200 });
  });

  test('idle: silence after the first event', async () => {
    const { clock, respond, send, outcome, aborted } = setUp(limits);
    await clock.advance(0);
    respond();
    await clock.advance(0);
    send(`${started}${opened}`);
    await clock.advance(299);
    expect(outcome()).toBeUndefined();
    await clock.advance(1);
    expect(outcome()).toMatchObject({ phase: 'idle', limitMs: 300 });
    expect(aborted()).toBe(true);
  });

  test('idle: comments are signs of life', async () => {
    const { clock, respond, send, outcome } = setUp(limits);
    await clock.advance(0);
    respond();
    await clock.advance(0);
    send(`${started}${opened}`);
    for (let i = 0; i < 4; i++) {
      await clock.advance(200);
      send(': keep-alive\n\n');
    }
    await clock.advance(100);
    expect(outcome()).toBeUndefined();
  });

  test('total: events keep coming', async () => {
    const { clock, respond, send, outcome } = setUp(limits);
    await clock.advance(0);
    respond();
    await clock.advance(0);
    send(`${started}${opened}`);
    for (let i = 0; i < 9; i++) {
      await clock.advance(100);
      send(`${delta}`);
    }
    await clock.advance(99);
    expect(outcome()).toBeUndefined();
    await clock.advance(1);
    expect(outcome()).toMatchObject({ phase: 'total', limitMs: 1000 });
  });

  test('idle does not count while nobody reads', async () => {
    const clock = createFakeClock();
    const events = answer('a', 'b').map((event) => new TextEncoder().encode(frame(event)));
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const next = events.shift();
          if (next) controller.enqueue(next);
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    const fetch = async () => new Response(body, { headers: eventStream });
    const client = createAgentClient({ url: 'https://a.example/', clock, fetch, timeouts: limits });
    const run = client.run('Hi');
    for await (const _event of run) await clock.advance(150); // 6 events, 900 ms, each wait well below idleMs
    expect((await run.result).outcome).toBe('finished');
  });

  test('a limit is told as what it is, whatever the platform makes of the abort', async () => {
    const clock = createFakeClock();
    const fetch = async (_url: unknown, init?: RequestInit) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(started));
          init?.signal?.addEventListener('abort', () => {
            controller.error(new DOMException('BodyStreamBuffer was aborted', 'AbortError'));
          });
        },
      });
      return new Response(body, { headers: eventStream });
    };
    const client = createAgentClient({
      url: 'https://a.example/',
      clock,
      fetch: fetch as typeof globalThis.fetch,
      timeouts: limits,
    });
    const failure = client
      .run('Hi')
      .text()
      .catch((error: unknown) => error);
    await clock.advance(400);
    expect(await failure).toMatchObject({ code: 'ERR_TIMEOUT', phase: 'idle' });
  });

  test('no timer is left when a run has ended', async () => {
    const clock = createFakeClock();
    let pending = 0;
    const counting = {
      ...clock,
      setTimeout(callback: () => void, delayMs: number) {
        pending++;
        let open = true;
        const close = () => {
          if (open) pending--;
          open = false;
        };
        const handle = clock.setTimeout(() => {
          close();
          callback();
        }, delayMs);
        return { handle, close };
      },
      clearTimeout(timer: unknown) {
        const known = timer as { handle: unknown; close(): void } | undefined;
        known?.close();
        clock.clearTimeout(known?.handle);
      },
    };
    const fetch = async () =>
      new Response(
        answer('a')
          .map((event) => frame(event))
          .join(''),
        { headers: eventStream },
      );
    const client = createAgentClient({ url: 'https://a.example/', clock: counting, fetch });
    await client.run('Hi').text();
    await clock.advance(0);
    expect(pending).toBe(0);
  });
});

describe('resolveTimeouts()', () => {
  test('has defaults that fit one another', () => {
    expect(resolveTimeouts({})).toEqual({
      connectMs: 30_000,
      firstEventMs: 60_000,
      idleMs: 45_000,
      totalMs: 900_000,
    });
  });

  test('shrinks defaults to a shorter total, and stretches them to a longer connect', () => {
    expect(resolveTimeouts({ totalMs: 5000 })).toEqual({
      connectMs: 5000,
      firstEventMs: 5000,
      idleMs: 5000,
      totalMs: 5000,
    });
    expect(resolveTimeouts({ connectMs: 70_000 }).firstEventMs).toBe(70_000);
    expect(resolveTimeouts({ firstEventMs: 1000 }).connectMs).toBe(1000);
  });

  test('takes Infinity for "no limit"', () => {
    const off = Infinity;
    const none = { connectMs: off, firstEventMs: off, idleMs: off, totalMs: off };
    expect(resolveTimeouts(none)).toEqual(none);
  });
});

test('a limit of the whole run is reached though the clock was set back', () => {
  let timer = () => {};
  let now = 1_000;
  const clock = {
    now: () => now,
    setTimeout: (callback: () => void) => {
      timer = callback;
      return 1;
    },
    clearTimeout: () => {},
  };
  const reached = vi.fn();
  createWaitLimit(clock, true).start('total', 200, reached);
  now = 0;
  timer();
  expect(reached).toHaveBeenCalledOnce();
});
