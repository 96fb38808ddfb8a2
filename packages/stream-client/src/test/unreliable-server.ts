import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentEvent } from '@magi/stream-protocol';
import { eventStream, frame } from './frames';
import { startServer, type TestServer } from './sse-server';

/** What happens to one connection. */
export interface Fault {
  /**
   * `none`: everything arrives. `cut`: the connection closes without an end. `reset`: the same by RST, which may eat what was under
   * way. `end`: the response ends as if it were complete. `stall`: nothing more is sent. `refuse`: HTTP 503.
   */
  readonly kind: 'none' | 'cut' | 'reset' | 'end' | 'stall' | 'refuse';
  /** After which share of the bytes it happens. */
  readonly at: number;
  /** Network chunks that the bytes before it are split into. */
  readonly chunks: number;
  /** Milliseconds between them. */
  readonly delayMs: number;
  /** Frames that are sent twice, or again later: index → index it is repeated after. */
  readonly repeat: readonly [frame: number, after: number][];
}

/** A numbers generator that starts anywhere and repeats itself exactly (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The frames that a connection carries, repetitions included, from the event after `lastEventId` on. */
export function framesOf(events: readonly AgentEvent[], ids: boolean, after: number, fault: Fault) {
  const frames: { index: number; bytes: Buffer }[] = [];
  const add = (index: number) => {
    const event = events[index];
    if (event)
      frames.push({ index, bytes: Buffer.from(frame(event, ids ? index + 1 : undefined)) });
  };
  for (let index = after; index < events.length; index++) {
    add(index);
    for (const [repeated, position] of fault.repeat)
      if (position === index && repeated <= index) add(repeated);
  }
  return frames;
}

/** How many bytes of the connection arrive. */
export function bytesUntil(frames: readonly { bytes: Buffer }[], fault: Fault): number {
  const total = frames.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return fault.kind === 'none' ? total : Math.floor(total * fault.at);
}

/** A server of resumable runs behind a line that does what the plan in the header `x-plan` says. */
export async function startUnreliableServer(
  events: readonly AgentEvent[],
): Promise<TestServer & { posts: Map<string, number> }> {
  const posts = new Map<string, number>();
  const connections = new Map<string, number>();
  const server = await startServer(async (request, response, body) => {
    const plan: { ids: boolean; faults: Fault[] } = JSON.parse(String(request.headers['x-plan']));
    const post = request.method === 'POST';
    const runId = post
      ? JSON.parse(body).runId
      : (new URL(request.url ?? '', 'http://localhost').searchParams.get('runId') ?? '');
    if (post) posts.set(runId, (posts.get(runId) ?? 0) + 1);
    const connection = connections.get(runId) ?? 0;
    connections.set(runId, connection + 1);
    const fault = plan.faults[connection];
    server.requests.length = 0; // ten thousand runs would fill the memory
    if (!fault || fault.kind === 'refuse') return response.writeHead(503).end();
    const after = Number(request.headers['last-event-id'] ?? 0);
    if (after >= events.length) return response.writeHead(204).end();
    return send(response, framesOf(events, plan.ids, after, fault), fault);
  });
  return { ...server, posts };
}

async function send(
  response: ServerResponse,
  frames: { bytes: Buffer }[],
  fault: Fault,
): Promise<void> {
  const all = Buffer.concat(frames.map(({ bytes }) => bytes));
  const bytes = all.subarray(0, bytesUntil(frames, fault));
  response.writeHead(200, eventStream);
  response.flushHeaders();
  const size = Math.max(1, Math.ceil(bytes.length / fault.chunks));
  for (let start = 0; start < bytes.length; start += size) {
    await new Promise((resolve) => response.write(bytes.subarray(start, start + size), resolve));
    if (fault.delayMs > 0) await sleep(fault.delayMs);
  }
  if (fault.kind === 'none' || fault.kind === 'end') response.end();
  else if (fault.kind === 'cut') setTimeout(() => response.destroy(), 2);
  else if (fault.kind === 'reset') response.socket?.resetAndDestroy();
}
