import { fileURLToPath } from 'node:url';
import { createResponseStream } from '@magi/lambda-stream/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundleHandler } from '../support/bundle-handler';
import { splitPrelude } from '../support/invocation-result';
import { type Ric, startRic } from '../support/run-ric';
import { type ScriptedStream, streamScripts } from './handlers/stream-scripts';

const entry = fileURLToPath(new URL('./handlers/run-stream-script.ts', import.meta.url));
let bundle: Bundle;
let ric: Ric;
beforeAll(async () => {
  bundle = await bundleHandler(entry);
  ric = await startRic({ bundle: bundle.file });
});
afterAll(async () => {
  await ric?.stop();
  await bundle?.remove();
});

/** What a script saw, and what a client got. */
interface Observation {
  notes: Record<string, unknown>;
  contentType: string | undefined;
  prelude: unknown;
  body: string;
  chunks: number;
}

async function inTheRuntime(script: string): Promise<Observation> {
  const before = ric.output().length;
  const result = await ric.invoke({ script }, { timeoutMs: 10_000 });
  expect(result.ending).toBe('complete');
  const line = /NOTES (.*)\n/;
  await expect.poll(() => ric.output().slice(before)).toMatch(line);
  return {
    notes: JSON.parse(line.exec(ric.output().slice(before))?.[1] ?? '{}'),
    contentType: result.contentType === 'application/octet-stream' ? undefined : result.contentType,
    prelude: result.prelude,
    body: result.text,
    chunks: result.chunks,
  };
}

async function inTheDouble(script: string): Promise<Observation> {
  const highWaterMarkBytes = process.version.startsWith('v20.') ? 16_384 : 65_536;
  const { stream, record } = createResponseStream({ highWaterMarkBytes });
  const notes: Record<string, unknown> = {};
  await streamScripts[script]?.(stream as unknown as ScriptedStream, (name, value) => {
    notes[name] = value;
  });
  await expect.poll(() => record.finished).toBe(true);
  expect(record.fatal).toEqual([]);
  const payload = Buffer.from(record.chunks.join(''));
  return {
    notes,
    contentType: record.contentType,
    prelude: splitPrelude(payload, record.contentType).prelude,
    body: record.body,
    chunks: record.chunks.length,
  };
}

describe('the double of the response stream agrees with the real runtime about', () => {
  for (const script of Object.keys(streamScripts)) {
    test(script, async () => {
      expect(await inTheDouble(script)).toEqual(await inTheRuntime(script));
    });
  }
});
