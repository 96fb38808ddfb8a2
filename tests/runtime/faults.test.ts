import { fileURLToPath } from 'node:url';
import { HttpAgent } from '@ag-ui/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureNode } from '../../scripts/node-binaries.mjs';
import { readEvents, terminalEvent } from '../support/agent-events';
import { type Bundle, bundleHandler } from '../support/bundle-handler';
import { functionUrlEvent, runInput } from '../support/function-url-event';
import { createRandom } from '../support/random';
import type { Reader } from '../support/reader';
import { type Ric, startRic } from '../support/run-ric';

/** `MAGI_FAULT_POINTS=10000` for the long run; `MAGI_FAULT_SEED` repeats one. */
const points = Number(process.env.MAGI_FAULT_POINTS ?? 100);
const firstSeed = Number(process.env.MAGI_FAULT_SEED ?? 1);

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundleHandler(fileURLToPath(new URL('./handlers/faults.ts', import.meta.url)));
});
afterAll(() => bundle?.remove());

/** Has another project's client verify the order of the events: it fails a run for each rule that is broken. */
async function verifyOrder(text: string): Promise<void> {
  const headers = { 'content-type': 'text/event-stream' };
  const agent = new HttpAgent({
    url: 'http://agent.invalid/',
    fetch: async () => new Response(text, { headers }),
  });
  const errors: string[] = [];
  await agent
    .runAgent({ runId: 'run-1' }, { onRunFailed: ({ error }) => void errors.push(error.message) })
    .catch(() => undefined); // reported above
  expect(errors).toEqual([]);
}

function randomReader(seed: number): Reader {
  const random = createRandom(seed ^ 0x5eed);
  return random.pick<Reader>([
    { kind: 'normal' },
    { kind: 'normal' },
    { kind: 'paused', afterBytes: random.below(20_000), forMs: random.below(30) },
    { kind: 'token-bucket', burstBytes: 8192, bytesPerTick: 32_768, tickMs: 1 },
    { kind: 'early-answer', afterBytes: random.below(4000), status: 413, close: false },
    { kind: 'early-answer', afterBytes: random.below(4000), status: 400, close: true },
  ]);
}

for (const major of ['20', '22', '24'] as const) {
  const node = ensureNode(major);

  // Where a Node cannot be had, `ensureNode` has said so and why.
  describe.skipIf(node === undefined)(`on Node ${major}`, () => {
    let ric: Ric;
    beforeAll(async () => {
      ric = await startRic({ bundle: bundle.file, ...(node === undefined ? {} : { node }) });
    });
    afterAll(() => ric?.stop());

    test(`${points} random faults end in one terminal event each, with no crash and no hang`, {
      timeout: 120_000 + points * 500,
    }, async () => {
      for (let seed = firstSeed; seed < firstSeed + points; seed += 1) {
        const reader = randomReader(seed);
        const event = functionUrlEvent({ body: runInput('q', { seed }) });
        const result = await ric.invoke(event, { reader, timeoutMs: 200, waitMs: 20_000 });
        const hint = `seed ${seed}, node ${major}, ${JSON.stringify(reader)}`;
        expect(ric.exitCode, `${hint}\n${ric.output()}`).toBeUndefined();
        if (reader.kind === 'early-answer' && reader.close) {
          expect(result.ending, hint).toMatch(/^(complete|cut)$/);
          continue;
        }
        expect(result.ending, hint).toBe('complete');
        expect(result.prelude?.statusCode, hint).toBe(200);
        const last = terminalEvent(readEvents(result.text));
        expect(result.failure !== undefined, hint).toBe(last.type === 'RUN_ERROR');
        await verifyOrder(result.text);
      }
    });
  });
}
