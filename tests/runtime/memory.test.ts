import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleHandler } from '../support/bundle-handler';
import { functionUrlEvent, runInput } from '../support/function-url-event';
import { type Ric, startRic } from '../support/run-ric';

const MiB = 1024 * 1024;
let bundle: Bundle;
let ric: Ric;

beforeAll(async () => {
  bundle = await bundleHandler(fileURLToPath(new URL('./handlers/big-answer.ts', import.meta.url)));
  ric = await startRic({ bundle: bundle.file });
});
afterAll(async () => {
  await ric?.stop();
  await bundle?.remove();
});

const ask = (megabytes: number, reader?: Parameters<Ric['invoke']>[1]) =>
  ric.invoke(functionUrlEvent({ body: runInput('q', { megabytes }) }), reader);

test.runIf(process.platform === 'linux')(
  'a slow reader of a 100 MB answer does not make the process grow by more than 32 MiB',
  async () => {
    await ask(8); // the code is warm and the heap has its working size
    const { rssKiB: before } = await ric.usage();
    const samples: number[] = [];
    const sampler = setInterval(async () => samples.push((await ric.usage()).rssKiB), 50);
    const reader = { kind: 'token-bucket', burstBytes: 6 * MiB, bytesPerTick: MiB, tickMs: 20 };
    const result = await ask(100, { reader: { ...reader, kind: 'token-bucket' } });
    clearInterval(sampler);
    expect(result.ending).toBe('complete');
    expect(result.body.length).toBeGreaterThan(100e6);
    expect(result.text.endsWith('\n\n')).toBe(true);
    expect(result.text.slice(-200)).toContain('RUN_FINISHED');
    expect(samples.length).toBeGreaterThan(10);
    expect((Math.max(...samples) - before) / 1024).toBeLessThan(32);
  },
);
