import { afterEach, describe, expect, it } from 'vitest';
import type { Bedrock, BedrockFrame } from '../testing';
import { startBedrock } from '../testing';
import { createClients, SOURCE_NAMES, SOURCES } from './run-fixture.fixture';
import type { SourceOptions } from './source-options';
import { collectRun } from './verify-run.fixture';

/** An answer that has begun and goes on for as long as the client listens. */
const endless = async function* (
  _request: unknown,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<BedrockFrame> {
  yield 'data: "Hello"\n\n';
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
};

let server: Bedrock | undefined;
afterEach(async () => {
  await server?.close();
});

describe.each(['1.1', '2.0'] as const)('over HTTP/%s', (transport) => {
  async function start(name: (typeof SOURCE_NAMES)[number], frames: unknown) {
    server = await startBedrock(SOURCES[name].serve(frames as readonly BedrockFrame[]));
    const clients = createClients(server, transport);
    return { server, run: (options: SourceOptions) => SOURCES[name].call(clients, { ...options }) };
  }

  it.each(SOURCE_NAMES)('%s sends nothing before it is read', async (name) => {
    const { server: bedrock, run } = await start(name, ['Hello']);
    const events = run({});
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(bedrock.requests).toHaveLength(0);
    await events.return?.();
    expect(bedrock.requests).toHaveLength(0);
  });

  it.each(SOURCE_NAMES)(
    '%s throws the reason of a signal that is aborted already',
    async (name) => {
      const { server: bedrock, run } = await start(name, ['Hello']);
      const reason = new Error('too late');
      const { events, error } = await collectRun(run({ signal: AbortSignal.abort(reason) }));
      expect(error).toBe(reason);
      expect(events).toEqual([]);
      expect(bedrock.requests).toHaveLength(0);
    },
  );

  it.each(SOURCE_NAMES)('%s closes the connection when the signal aborts', async (name) => {
    const { server: bedrock, run } = await start(name, endless);
    const controller = new AbortController();
    const reason = new Error('stop');
    const collecting = collectRun(run({ signal: controller.signal }));
    await expect.poll(() => bedrock.requests.length).toBe(1);
    controller.abort(reason);
    expect((await collecting).error).toBe(reason);
    await bedrock.requests[0]?.closed;
    expect(bedrock.requests[0]?.endedBy).toBe('client');
  });

  it.each(SOURCE_NAMES)(
    '%s does not send a request again that failed after a frame',
    async (name) => {
      if (name === 'invoke-agent-runtime') return;
      const { server: bedrock, run } = await start(name, ['Hello', 'Hello']);
      bedrock.faultNext({ kind: 'exception', name: 'throttlingException', afterFrames: 1 });
      const { error } = await collectRun(run({}));
      expect(error).toMatchObject({
        // A harness has no throttling exception of its own in its stream.
        code: name === 'invoke-harness' ? expect.any(String) : 'THROTTLED',
      });
      expect(bedrock.requests).toHaveLength(1);
    },
  );
});
