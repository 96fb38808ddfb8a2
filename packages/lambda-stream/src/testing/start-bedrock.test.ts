import type { ResponseStream } from '@aws-sdk/client-bedrock-agent-runtime';
import {
  BedrockAgentRuntimeClient,
  InvokeAgentCommand,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it } from 'vitest';
import type { Bedrock, StartBedrockOptions } from './start-bedrock';
import { startBedrock } from './start-bedrock';

let bedrock: Bedrock | undefined;
afterEach(async () => {
  await bedrock?.close();
  bedrock = undefined;
});

async function start(options: StartBedrockOptions): Promise<Bedrock> {
  bedrock = await startBedrock(options);
  return bedrock;
}

const transports = [
  ['HTTP/2 (the default)', '2.0', {}],
  ['HTTP/1.1', '1.1', { requestHandler: new NodeHttpHandler() }],
] as const;

function ask(server: Bedrock, config: object, signal?: AbortSignal) {
  const client = new BedrockAgentRuntimeClient({ ...server.clientConfig, ...config });
  const command = new InvokeAgentCommand({
    agentId: 'AGENT1',
    agentAliasId: 'ALIAS1',
    sessionId: 's1',
    inputText: 'Hi',
  });
  return client.send(command, signal === undefined ? {} : { abortSignal: signal });
}

async function collect(frames: AsyncIterable<ResponseStream> | undefined) {
  const collected: ResponseStream[] = [];
  for await (const frame of frames ?? []) collected.push(frame);
  return collected;
}

const text = (frame: ResponseStream) => Buffer.from(frame.chunk?.bytes ?? []).toString();

describe.each(transports)('startBedrock() over %s', (_name, httpVersion, config) => {
  it('answers the SDK client with the scripted frames', async () => {
    const server = await start({
      agents: {
        AGENT1: [
          'Hello',
          { chunk: { bytes: Buffer.from(', world') } },
          { trace: { sessionId: 's1', eventTime: new Date(1_700_000_000_000) } },
        ],
      },
    });
    const output = await ask(server, config);
    const frames = await collect(output.completion);
    expect(output.sessionId).toBe('s1');
    expect(frames.slice(0, 2).map(text)).toEqual(['Hello', ', world']);
    expect(frames[2]?.trace?.eventTime).toEqual(new Date(1_700_000_000_000));
    expect(server.requests[0]).toMatchObject({
      operation: 'InvokeAgent',
      resourceId: 'AGENT1',
      params: { agentAliasId: 'ALIAS1', sessionId: 's1' },
      body: { inputText: 'Hi' },
      httpVersion,
      attempt: 1,
      endedBy: 'server',
    });
  });

  it('gives a function the request', async () => {
    const server = await start({
      agents: { '*': (request) => [`You said ${String(request.body?.inputText)}`] },
    });
    const frames = await collect((await ask(server, config)).completion);
    expect(frames.map(text)).toEqual(['You said Hi']);
  });

  it('turns an exception member into the typed exception', async () => {
    const server = await start({
      agents: {
        '*': ['Hello', { dependencyFailedException: { message: 'no', resourceName: 'fn' } }],
      },
    });
    const output = await ask(server, config);
    await expect(collect(output.completion)).rejects.toMatchObject({
      name: 'DependencyFailedException',
      message: 'no',
      resourceName: 'fn',
    });
  });

  it('reports what a script threw and answers with an internal server exception', async () => {
    const server = await start({
      agents: {
        '*': function* () {
          yield 'Hello';
          throw new Error('script broke');
        },
      },
    });
    const output = await ask(server, config);
    await expect(collect(output.completion)).rejects.toMatchObject({
      name: 'InternalServerException',
    });
    await server.requests[0]?.closed;
    expect(server.requests[0]?.error).toEqual(new Error('script broke'));
  });

  it('tells the script by its signal that the client has gone', async () => {
    const controller = new AbortController();
    let aborted: Promise<void> = Promise.resolve();
    let returned = false;
    const server = await start({
      agents: {
        '*': async function* (_request, { signal }) {
          aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
          try {
            yield 'Hello';
            await aborted;
            yield 'never';
          } finally {
            returned = true;
          }
        },
      },
    });
    const output = await ask(server, config, controller.signal);
    const reading = collect(output.completion).catch(() => []);
    controller.abort();
    await aborted;
    await reading;
    await expect.poll(() => returned).toBe(true);
    expect(server.requests[0]?.endedBy).toBe('client');
    expect(server.openResponses).toBe(0);
  });

  it('asks for the next frame only when the connection has room', async () => {
    let made = 0;
    const server = await start({
      agents: {
        '*': function* () {
          for (made = 0; made < 2_000; made += 1) yield 'x'.repeat(50_000);
        },
      },
    });
    const output = await ask(server, config);
    for await (const _frame of output.completion ?? []) break;
    let before = -1;
    await expect
      .poll(
        () => {
          const settled = made === before;
          before = made;
          return settled;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(made).toBeLessThan(400);
  });

  it('fails the next request only', async () => {
    const server = await start({ agents: { '*': ['Hello'] } });
    server.faultNext({ kind: 'http', status: 403, name: 'AccessDeniedException', message: 'no' });
    await expect(ask(server, config)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(await collect((await ask(server, config)).completion)).toHaveLength(1);
  });

  it('answers an agent without a script with ResourceNotFoundException', async () => {
    const server = await start({ agents: {} });
    await expect(ask(server, config)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('flips a bit of the chosen frame', async () => {
    const server = await start({ agents: { '*': ['one', 'two'] } });
    server.faultNext({ kind: 'corrupt', frame: 1 });
    const output = await ask(server, config);
    await expect(collect(output.completion)).rejects.toThrow(/checksum/);
  });

  it('drips', async () => {
    const server = await start({ agents: { '*': ['one', 'two'] } });
    server.faultNext({ kind: 'drip', bytesPerWrite: 7, delayMs: 1 });
    const frames = await collect((await ask(server, config)).completion);
    expect(frames.map(text)).toEqual(['one', 'two']);
  });

  it('sends an exception frame after the chosen number of frames', async () => {
    const server = await start({ agents: { '*': ['one', 'two'] } });
    server.faultNext({ kind: 'exception', name: 'throttlingException', afterFrames: 2 });
    const output = await ask(server, config);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const frame of output.completion ?? []) seen.push(text(frame));
    })();
    await expect(reading).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(seen).toEqual(['one', 'two']);
  });

  it.each(['close', 'reset'] as const)(
    'cuts the connection after the chosen byte (%s)',
    async (how) => {
      const server = await start({ agents: { '*': ['one', 'two'] } });
      server.faultNext({ kind: 'cut', atByte: 20, how });
      // Over HTTP/1.1 the SDK takes a connection lost before the first frame for worth a retry.
      const reading = ask(server, { ...config, maxAttempts: 1 }).then((output) =>
        collect(output.completion),
      );
      const outcome = await reading.then(
        (frames) => frames.length,
        () => 'failed',
      );
      expect(outcome).not.toBe(2);
      expect(server.requests[0]?.bytesWritten).toBe(20);
    },
  );
});

describe('Bedrock.expectRequest()', () => {
  it('returns the requests that match in part', async () => {
    const server = await start({ agents: { '*': ['Hello'] } });
    await collect((await ask(server, {})).completion);
    const [request] = server.expectRequest({
      operation: 'InvokeAgent',
      body: { inputText: 'Hi' },
    });
    expect(request?.params.sessionId).toBe('s1');
  });

  it('says what was received when none matches', async () => {
    const server = await start({ agents: { '*': ['Hello'] } });
    expect(() => server.expectRequest({ operation: 'InvokeFlow' })).toThrow(/received none/);
    await collect((await ask(server, {})).completion);
    expect(() => server.expectRequest({ body: { inputText: 'Bye' } })).toThrow(
      'InvokeAgent "AGENT1" {"inputText":"Hi"}',
    );
  });
});

it('startBedrock() rejects an unknown option', async () => {
  await expect(startBedrock({ agent: {} } as StartBedrockOptions)).rejects.toThrow(
    new TypeError('Cannot start Bedrock: unknown option "agent"'),
  );
});
