import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { functionUrlEvent } from './function-url-event';
import { type Ric, startRic } from './run-ric';

const source = `
const handler = async (event, stream) => {
  const ask = JSON.parse(event.body ?? '{}');
  stream.setContentType('application/vnd.awslambda.http-integration-response');
  stream.write(Buffer.concat([
    Buffer.from(JSON.stringify({ statusCode: 201, headers: { 'content-type': 'text/plain' } })),
    Buffer.alloc(8),
    Buffer.from('a'),
  ]));
  for (let i = 0; i < (ask.writes ?? 2); i += 1) {
    const free = stream.write('x'.repeat(ask.size ?? 1));
    if (ask.slowly) await new Promise((resolve) => setTimeout(resolve, 1));
    if (!free && !stream.destroyed) await new Promise((resolve) => {
      stream.once('drain', resolve);
      stream.once('close', resolve);
    });
  }
  if (ask.fail) throw new TypeError('secret detail');
  stream.end();
};
handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'response';
export { handler };
`;

let folder: string;
let ric: Ric;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magi-api-'));
  await writeFile(join(folder, 'index.mjs'), source);
  ric = await startRic({ bundle: join(folder, 'index.mjs') });
});

afterAll(async () => {
  await ric?.stop();
  await rm(folder, { recursive: true, force: true });
});

const invoke = (body: object, ...rest: [] | [Parameters<Ric['invoke']>[1]]) =>
  ric.invoke(functionUrlEvent({ body }), ...rest);

test('the Runtime API records prelude, body and chunks of a streamed response', async () => {
  const result = await invoke({ writes: 3 });
  expect(result).toMatchObject({
    ending: 'complete',
    prelude: { statusCode: 201, headers: { 'content-type': 'text/plain' } },
    text: 'axxx',
    chunks: 4,
    trailers: {},
    failure: undefined,
  });
  expect(result.wireBytes).toBeGreaterThan(result.payloadBytes);
});

test('the Runtime API reads error trailers and serves the next invocation', async () => {
  const failed = await invoke({ fail: true });
  expect(failed.ending).toBe('complete');
  expect(failed.failure).toMatchObject({ type: 'TypeError', message: 'secret detail' });
  expect((await invoke({})).text).toBe('axx');
});

test('a paused reader holds the handler back and then gets everything', async () => {
  const reader = { kind: 'paused', afterBytes: 1000, forMs: 300 } as const;
  const result = await invoke({ writes: 200, size: 65_536 }, { reader });
  expect(result.wallMs).toBeGreaterThan(290);
  expect(result.body.length).toBe(200 * 65_536 + 1);
});

test('a token bucket paces what is past the burst', async () => {
  const bucket = { burstBytes: 1e6, bytesPerTick: 262_144, tickMs: 25 };
  const reader = { kind: 'token-bucket', ...bucket } as const;
  const result = await invoke({ writes: 64, size: 65_536 }, { reader });
  expect(result.body.length).toBe(64 * 65_536 + 1);
  expect(result.wallMs).toBeGreaterThan(200);
});

test('an early answer that keeps reading leaves the handler undisturbed', async () => {
  const reader = { kind: 'early-answer', afterBytes: 10, status: 413, close: false } as const;
  const result = await invoke({ writes: 100, size: 1000 }, { reader });
  expect(result).toMatchObject({ ending: 'complete', chunks: 101 });
});

test('an early answer that closes the connection cuts the response; the runtime goes on', async () => {
  const reader = { kind: 'early-answer', afterBytes: 10, status: 400, close: true } as const;
  expect((await invoke({ writes: 500, slowly: true }, { reader })).ending).toBe('cut');
  expect((await invoke({})).text).toBe('axx');
});

test('a reset of the Runtime API connection ends the runtime process itself', async () => {
  const reader = { kind: 'reset', afterBytes: 10 } as const;
  expect((await invoke({ writes: 500, size: 65_536 }, { reader })).ending).toBe('cut');
  await expect.poll(() => ric.exitCode, { timeout: 10_000 }).toBe(1);
});
