import { afterEach, expect, it } from 'vitest';
import type { Bedrock, StartBedrockOptions } from '../testing';
import { startBedrock } from '../testing';
import type { SourceName } from './run-fixture.fixture';
import { createClients, SOURCES } from './run-fixture.fixture';

const FRAME_BYTES = 16_384;
const ANSWER_BYTES = 100 * 1024 * 1024;
/** What sockets, streams and the SDK may hold of an answer that nobody reads, in bytes. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

const text = 'x'.repeat(FRAME_BYTES);
const count = ANSWER_BYTES / FRAME_BYTES;

function* frames() {
  for (let index = 0; index < count; index += 1) yield text;
}
function* events() {
  yield { type: 'RUN_STARTED', threadId: 't', runId: 'r' };
  yield { type: 'TEXT_MESSAGE_START', messageId: 'm' };
  for (let index = 0; index < count; index += 1) {
    yield { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: text };
  }
}

let server: Bedrock | undefined;
afterEach(async () => {
  await server?.close();
});

it.each([
  ['invoke-agent', '1.1', { agents: { '*': frames } }],
  ['invoke-agent', '2.0', { agents: { '*': frames } }],
  ['converse', '2.0', { models: { '*': frames } }],
  ['invoke-harness', '1.1', { harnesses: { '*': frames } }],
  ['invoke-agent-runtime', '1.1', { runtimes: { '*': events } }],
  ['invoke-agent-runtime', '2.0', { runtimes: { '*': events } }],
] as const satisfies readonly (readonly [SourceName, '1.1' | '2.0', StartBedrockOptions])[])(
  '%s over HTTP/%s: a reader that stops holds an answer of 100 MB back',
  async (name, transport, options) => {
    server = await startBedrock(options);
    const bedrock = server;
    const run = SOURCES[name].call(createClients(bedrock, transport), {});
    let received = 0;
    while (received < 5) {
      const step = await run.next();
      if (step.done === true) break;
      if (step.value.type === 'TEXT_MESSAGE_CONTENT') received += 1;
    }
    let before = -1;
    const written = () => bedrock.requests[0]?.bytesWritten ?? 0;
    await expect
      .poll(
        () => {
          const isSettled = written() === before;
          before = written();
          return isSettled;
        },
        { interval: 300, timeout: 15_000 },
      )
      .toBe(true);
    expect(written()).toBeGreaterThan(0);
    expect(written()).toBeLessThan(MAX_HELD_BYTES);
    console.log(`${name} HTTP/${transport}: ${written()} bytes accepted of ${ANSWER_BYTES}`);

    await run.return?.();
    await bedrock.requests[0]?.closed;
    expect(bedrock.openResponses).toBe(0);
  },
);
