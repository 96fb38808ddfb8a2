import { constants } from 'node:http2';
import type { AgentEvent } from '@magi/stream-protocol';
import { afterAll, describe, expect, it } from 'vitest';
import type { Bedrock, BedrockFault, BedrockFrame } from '../testing';
import { startBedrock } from '../testing';
import type { SourceName, Transport } from './run-fixture.fixture';
import { createClients, SOURCE_NAMES, SOURCES } from './run-fixture.fixture';
import { textOf } from './verify-run.fixture';

/** Points per source; the long run sets 2 000. */
const POINTS = Number(process.env.MAGI_FAULT_POINTS ?? 40);
const SEED = Number(process.env.MAGI_FAULT_SEED ?? 20_261_122);

/** mulberry32: small, and the same everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const words = Array.from({ length: 12 }, (_, index) => `word ${index}, 承認🎉; `);
const converseFrames: BedrockFrame[] = [
  { messageStart: { role: 'assistant' } },
  ...words,
  { contentBlockStop: { contentBlockIndex: 0 } },
  { messageStop: { stopReason: 'end_turn' } },
  { metadata: { usage: { inputTokens: 1, outputTokens: 2, totalTokens: 3 }, metrics: {} } },
];
const agentFrames: BedrockFrame[] = [
  { trace: { trace: { orchestrationTrace: { rationale: { traceId: 't', text: 'Think.' } } } } },
  ...words,
];
const runtimeEvents: BedrockFrame[] = [
  { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
  { type: 'TEXT_MESSAGE_START', messageId: 'm' },
  ...words.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })),
  { type: 'TEXT_MESSAGE_END', messageId: 'm' },
  { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
];
const FRAMES: Readonly<Record<SourceName, readonly BedrockFrame[]>> = {
  'invoke-agent': agentFrames,
  'invoke-inline-agent': agentFrames,
  'invoke-flow': [...words, { flowCompletionEvent: { completionReason: 'SUCCESS' } }],
  'retrieve-and-generate': words,
  'agentic-retrieve': [...words, { result: { results: [] } }],
  converse: converseFrames,
  'invoke-harness': converseFrames,
  'invoke-agent-runtime': runtimeEvents,
};

/** The sources whose answer says itself that it is complete. */
const HAS_TERMINAL: readonly SourceName[] = [
  'invoke-flow',
  'agentic-retrieve',
  'converse',
  'invoke-harness',
  'invoke-agent-runtime',
];

interface Plan {
  fault: BedrockFault | undefined;
}

type Point =
  | { readonly kind: 'fault'; readonly fault: BedrockFault }
  | { readonly kind: 'abort' | 'break' | 'return'; readonly afterEvents: number };

function choosePoint(
  source: SourceName,
  transport: Transport,
  total: { readonly bytes: number; readonly events: number },
  next: () => number,
): Point {
  const atByte = Math.floor(next() * (total.bytes + 1));
  const afterEvents = 1 + Math.floor(next() * (total.events - 1));
  const kinds = ['close', 'reset', 'abort', 'break', 'return', 'corrupt', 'stall', 'exception'];
  if (transport === '2.0') kinds.push('cancel', 'internal', 'refused');
  if (HAS_TERMINAL.includes(source)) kinds.push('end');
  const kind = kinds[Math.floor(next() * kinds.length)];
  const cut = (how: 'close' | 'reset' | { http2Code: number }): Point => ({
    kind: 'fault',
    fault: { kind: 'cut', atByte, how },
  });
  switch (kind) {
    case 'abort':
    case 'break':
    case 'return':
      return { kind, afterEvents };
    case 'reset':
      return cut('reset');
    case 'cancel':
      return cut({ http2Code: constants.NGHTTP2_CANCEL });
    case 'internal':
      return cut({ http2Code: constants.NGHTTP2_INTERNAL_ERROR });
    case 'refused':
      return cut({ http2Code: constants.NGHTTP2_REFUSED_STREAM });
    case 'end':
      // Up to the frame that completes the answer.
      return {
        kind: 'fault',
        fault: { kind: 'end', atByte: Math.floor(next() * total.bytes * 0.7) },
      };
    case 'stall':
      return {
        kind: 'fault',
        fault: { kind: 'stall', atByte: Math.min(atByte, total.bytes - 1) },
      };
    case 'corrupt':
    case 'exception':
      // Server-sent events have no checksum and no exceptions.
      if (source === 'invoke-agent-runtime') return cut('close');
      return kind === 'corrupt'
        ? { kind: 'fault', fault: { kind: 'corrupt', frame: Math.floor(next() * words.length) } }
        : {
            kind: 'fault',
            fault: {
              kind: 'exception',
              name: 'internalServerException',
              afterFrames: Math.floor(next() * words.length),
            },
          };
    default:
      return cut('close');
  }
}

describe(`${POINTS} random cuts and aborts from seed ${SEED}:`, () => {
  const servers: Bedrock[] = [];
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });

  it.each(SOURCE_NAMES)(
    '%s never finishes an incomplete answer and never leaves a connection behind',
    async (name) => {
      const source = SOURCES[name];
      const plan: Plan = { fault: undefined };
      const server = await startBedrock({ ...source.serve(FRAMES[name]), fault: () => plan.fault });
      servers.push(server);
      const clients = { '1.1': createClients(server, '1.1'), '2.0': createClients(server, '2.0') };
      const whole: AgentEvent[] = [];
      for await (const event of source.call(clients['2.0'], {})) whole.push(event);
      const fullText = textOf(whole);
      expect(fullText).toBe(words.join(''));
      const total = { bytes: server.requests[0]?.bytesWritten ?? 0, events: whole.length };
      const next = random(SEED + SOURCE_NAMES.indexOf(name));

      for (let index = 0; index < POINTS; index += 1) {
        const transport: Transport = next() < 0.5 ? '1.1' : '2.0';
        const point = choosePoint(name, transport, total, next);
        const context = `${name} #${index} HTTP/${transport} ${JSON.stringify(point)}`;
        plan.fault = point.kind === 'fault' ? point.fault : undefined;
        const events = await runPoint(name, clients[transport], server, point);
        const isFinished = events.some(({ type }) => type === 'RUN_FINISHED');
        expect(isFinished, context).toBe(false);
        expect(fullText.startsWith(textOf(events)), context).toBe(true);
        await server.requests.at(-1)?.closed;
        expect(server.openResponses, context).toBe(0);
      }
    },
    30_000 + POINTS * 300,
  );
});

/** Runs a source into one point and returns what it yielded. */
async function runPoint(
  name: SourceName,
  clients: ReturnType<typeof createClients>,
  server: Bedrock,
  point: Point,
): Promise<AgentEvent[]> {
  const controller = new AbortController();
  const events: AgentEvent[] = [];
  const run = SOURCES[name].call(clients, { signal: controller.signal, modelNotReadyRetries: 0 });
  if (point.kind === 'fault' && point.fault.kind === 'stall') {
    void abortOnceReceived(server, controller);
  }
  try {
    for await (const event of run) {
      events.push(event);
      if (point.kind === 'fault' || events.length < point.afterEvents) continue;
      if (point.kind === 'abort') controller.abort(new Error('stop'));
      else if (point.kind === 'break') break;
      else await run.return?.();
    }
    return events;
  } catch {
    // A source throws when it is cut or aborted; what matters is what it said before.
    return events;
  }
}

/** Aborts a little after the server has taken the next request, so that no request arrives late. */
async function abortOnceReceived(server: Bedrock, controller: AbortController): Promise<void> {
  const before = server.requests.length;
  while (server.requests.length === before) await new Promise((resolve) => setTimeout(resolve, 1));
  setTimeout(() => controller.abort(new Error('stalled')), 2);
}
