import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import type { Message } from '@magi/stream-protocol';
import { lastUserText } from '@magi/stream-protocol';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentStreamError } from '../agent-stream-error';
import { collectRun, textOf, verifyRun } from '../sources/verify-run.fixture';
import type { Bedrock, BedrockFrame, BedrockScript } from '../testing';
import { startBedrock } from '../testing';
import type { InvokeAgentOptions } from './invoke-agent';
import { invokeAgent } from './invoke-agent';
import { invokeInlineAgent } from './invoke-inline-agent';

let bedrock: Bedrock | undefined;
afterEach(async () => {
  await bedrock?.close();
  bedrock = undefined;
});

const transports = [
  ['HTTP/2 (the default)', {}],
  ['HTTP/1.1', { requestHandler: new NodeHttpHandler() }],
] as const;

const input = { agentId: 'A1', agentAliasId: 'L1', sessionId: 's1', inputText: 'Hi' };

describe.each(transports)('invokeAgent() over %s', (_name, config) => {
  async function start(script: BedrockScript): Promise<Bedrock> {
    bedrock = await startBedrock({ agents: { A1: script }, inlineAgent: script });
    return bedrock;
  }
  function ask(server: Bedrock, options?: InvokeAgentOptions, clientConfig: object = {}) {
    const client = new BedrockAgentRuntimeClient({
      ...server.clientConfig,
      ...config,
      ...clientConfig,
    });
    return invokeAgent(client, input, options);
  }

  it('yields one whole run with the text of the chunks', async () => {
    const server = await start(['Hello', ', world']);
    const events = await verifyRun(ask(server));
    expect(events.map(({ type }) => type)).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ]);
    expect(textOf(events)).toBe('Hello, world');
    expect(events[0]).toMatchObject({ threadId: 's1' });
  });

  it('says what a turn had used up when it failed', async () => {
    const usage = { inputTokens: 9, outputTokens: 4 };
    const server = await start([
      'Hel',
      {
        trace: {
          trace: { orchestrationTrace: { modelInvocationOutput: { metadata: { usage } } } },
        },
      },
    ]);
    server.faultNext({ kind: 'exception', name: 'internalServerException', afterFrames: 2 });
    const { error } = await collectRun(ask(server));
    expect(error).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      usage: [{ provider: 'aws.bedrock', ...usage, totalTokens: 13 }],
    });
  });

  it('asks for a streamed answer and for traces', async () => {
    const server = await start(['Hello']);
    await verifyRun(ask(server));
    expect(server.requests[0]?.body).toEqual({
      inputText: 'Hi',
      enableTrace: true,
      streamingConfigurations: { streamFinalResponse: true },
    });
  });

  it('joins a character that two chunks share', async () => {
    const bytes = Buffer.from('承認🎉');
    const frames = Array.from(bytes, (byte) => ({ chunk: { bytes: Uint8Array.of(byte) } }));
    const events = await verifyRun(ask(await start(frames)));
    expect(textOf(events)).toBe('承認🎉');
  });

  it('never finishes when the connection is closed between two frames', async () => {
    const server = await start(['Hello', ', wor']);
    await verifyRun(ask(server));
    const twoFrames = server.requests[0]?.bytesWritten ?? 0;
    // Frames of equal length: half of the bytes is one frame.
    server.faultNext({ kind: 'cut', atByte: twoFrames / 2 });
    const { events, error } = await collectRun(ask(server, {}, { maxAttempts: 1 }));
    expect(error).toBeInstanceOf(AgentStreamError);
    expect(error).toMatchObject({ code: 'UPSTREAM_TRUNCATED', retryable: true });
    expect(textOf(events)).toBe('Hello');
    expect(events.at(-1)?.type).toBe('TEXT_MESSAGE_CONTENT');
  });

  it.each([
    ['accessDeniedException', 'ACCESS_DENIED', false],
    ['throttlingException', 'THROTTLED', true],
    ['validationException', 'UPSTREAM_VALIDATION', false],
    ['internalServerException', 'UPSTREAM_UNAVAILABLE', true],
    ['somethingNewException', 'UPSTREAM_ERROR', false],
  ])('reports %s in the middle of the answer as %s', async (member, code, retryable) => {
    const server = await start(['Hello', { [member]: { message: 'secret detail' } }]);
    const { events, error } = await collectRun(ask(server));
    expect(textOf(events)).toBe('Hello');
    expect(error).toMatchObject({ code, retryable });
    expect((error as AgentStreamError).requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect((error as AgentStreamError).message).not.toContain('secret');
    expect(server.requests).toHaveLength(1);
  });

  it('closes the connection when the signal aborts in the middle, and throws its reason', async () => {
    const controller = new AbortController();
    const server = await start(async function* (_request, { signal }) {
      yield 'Hello';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const reason = new Error('stop');
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of ask(server, { signal: controller.signal })) {
        seen.push(event.type);
        if (event.type === 'TEXT_MESSAGE_CONTENT') controller.abort(reason);
      }
    })();
    await expect(reading).rejects.toBe(reason);
    expect(seen).not.toContain('RUN_FINISHED');
    await server.requests[0]?.closed;
    expect(server.requests[0]?.endedBy).toBe('client');
  });

  it('throws the reason of a signal that aborts before the first frame', async () => {
    const controller = new AbortController();
    const server = await start(async function* (_request, { signal }) {
      controller.abort(new Error('early'));
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      yield 'never';
    });
    const { error } = await collectRun(ask(server, { signal: controller.signal }));
    expect(error).toEqual(new Error('early'));
    await server.requests[0]?.closed;
    expect(server.openResponses).toBe(0);
  });

  it('closes the connection when the reader leaves', async () => {
    const server = await start(async function* (_request, { signal }) {
      yield 'Hello';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    for await (const event of ask(server)) if (event.type === 'TEXT_MESSAGE_CONTENT') break;
    await server.requests[0]?.closed;
    expect(server.requests[0]?.endedBy).toBe('client');
  });

  it('closes the connection when the reader leaves while it waits for the next event', async () => {
    const server = await start(async function* (_request, { signal }) {
      yield 'Hello';
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    });
    const run = ask(server);
    for (let i = 0; i < 3; i += 1) await run.next();
    const waiting = run.next();
    await run.return?.();
    await expect(waiting).resolves.toEqual({ done: true, value: undefined });
    await server.requests[0]?.closed;
    expect(server.requests[0]?.endedBy).toBe('client');
  });

  it('asks again when the model is not ready, a bounded number of times', async () => {
    const server = await start(['Hello']);
    const notReady = { kind: 'exception', name: 'modelNotReadyException' } as const;
    server.faultNext(notReady, notReady);
    const events = await verifyRun(ask(server, { modelNotReadyDelayMs: 1 }));
    expect(textOf(events)).toBe('Hello');
    expect(server.requests).toHaveLength(3);

    server.faultNext(notReady, notReady);
    const { error } = await collectRun(
      ask(server, { modelNotReadyDelayMs: 1, modelNotReadyRetries: 1 }),
    );
    expect(error).toMatchObject({ code: 'MODEL_NOT_READY', retryable: true });
    expect(server.requests).toHaveLength(5);
  });

  it('leaves it to the SDK as well where the service says so by HTTP 429', async () => {
    const server = await start(['Hello']);
    const notReady = { kind: 'http', status: 429, name: 'ModelNotReadyException' } as const;
    server.faultNext(...Array.from({ length: 4 }, () => notReady));
    const options = { modelNotReadyDelayMs: 1, modelNotReadyRetries: 1 };
    const { error } = await collectRun(ask(server, options, { maxAttempts: 2 }));
    expect(error).toMatchObject({ code: 'MODEL_NOT_READY' });
    expect(server.requests).toHaveLength(4);
  });

  it('lets the SDK retry throttling before the first frame', async () => {
    const server = await start(['Hello']);
    server.faultNext({ kind: 'http', status: 429, name: 'ThrottlingException' });
    expect(textOf(await verifyRun(ask(server)))).toBe('Hello');
    expect(server.requests).toHaveLength(2);
  });

  it('ends with interrupts when the agent returns control, and carries the answers back', async () => {
    const returnControl: BedrockFrame = {
      returnControl: {
        invocationId: 'inv1',
        invocationInputs: [
          {
            functionInvocationInput: {
              actionGroup: 'Orders',
              function: 'cancel',
              parameters: [{ name: 'order', type: 'integer', value: '7' }],
              actionInvocationType: 'USER_CONFIRMATION',
            },
          },
          {
            apiInvocationInput: {
              actionGroup: 'Stock',
              httpMethod: 'GET',
              apiPath: '/items',
              actionInvocationType: 'RESULT',
            },
          },
        ],
      },
    };
    const server = await start((request) =>
      request.body?.inputText === undefined ? ['Done'] : [returnControl],
    );
    const events = await verifyRun(ask(server));
    const finished = events.at(-1);
    const interrupts =
      finished?.type === 'RUN_FINISHED' && finished.outcome?.type === 'interrupt'
        ? finished.outcome.interrupts
        : [];
    expect(interrupts.map(({ reason, toolCallId }) => [reason, toolCallId])).toEqual([
      ['confirmation', 'inv1:0'],
      ['tool_call', 'inv1:1'],
    ]);

    const [confirm, call] = interrupts;
    const resume = [
      { interruptId: call?.id ?? '', status: 'resolved', payload: { result: { items: 3 } } },
      { interruptId: confirm?.id ?? '', status: 'resolved', payload: { approved: true } },
    ] as const;
    await verifyRun(ask(server, { resume }));
    expect(server.requests[1]?.body).toMatchObject({
      sessionState: {
        invocationId: 'inv1',
        returnControlInvocationResults: [
          {
            functionResult: {
              actionGroup: 'Orders',
              function: 'cancel',
              confirmationState: 'CONFIRM',
            },
          },
          {
            apiResult: {
              actionGroup: 'Stock',
              httpMethod: 'GET',
              apiPath: '/items',
              responseBody: { 'application/json': { body: '{"items":3}' } },
            },
          },
        ],
      },
    });
    expect(server.requests[1]?.body).not.toHaveProperty('inputText');

    // What was asked before is not asked again; what was written instead is.
    const messages = [
      { id: 'u1', role: 'user', content: 'Cancel order 7' },
      { id: 'a1', role: 'assistant', content: 'Let me see.' },
    ] as const;
    const cancelled = interrupts.map(({ id: interruptId }) => ({
      interruptId,
      status: 'cancelled' as const,
    }));
    const client = new BedrockAgentRuntimeClient({ ...server.clientConfig, ...config });
    const send = async (...more: Message[]) => {
      const inputText = lastUserText({ messages: [...messages, ...more], resume: cancelled });
      const said = { ...input, inputText, foundationModel: 'M1', instruction: 'Be brief.' };
      await verifyRun(invokeAgent(client, said, { resume: cancelled }));
      const body = server.requests.at(-1)?.body;
      await verifyRun(invokeInlineAgent(client, said, { resume: cancelled }));
      return [body, server.requests.at(-1)?.body];
    };
    const [declined, declinedInline] = await send();
    expect(declined).not.toHaveProperty('inputText');
    expect(declined).toMatchObject({ sessionState: { invocationId: 'inv1' } });
    expect(declinedInline).toMatchObject({ inlineSessionState: { invocationId: 'inv1' } });
    for (const body of await send({ id: 'u2', role: 'user', content: 'Never mind' })) {
      expect(body).toMatchObject({ inputText: 'Never mind' });
      expect(JSON.stringify(body)).not.toMatch(/returnControl/);
    }
  });
});

describe('invokeAgent()', () => {
  const client = new BedrockAgentRuntimeClient({ region: 'us-east-1' });

  it('rejects an unknown option at once', () => {
    expect(() => invokeAgent(client, input, { sginal: 1 } as InvokeAgentOptions)).toThrow(
      new TypeError('Cannot call invokeAgent(): unknown option "sginal"'),
    );
  });

  it('rejects a retry bound outside 0–10 at once', () => {
    expect(() => invokeAgent(client, input, { modelNotReadyRetries: 11 })).toThrow(RangeError);
  });

  it('rejects a missing session id at once', () => {
    expect(() => invokeAgent(client, { ...input, sessionId: '' })).toThrow(
      new TypeError('Cannot call invokeAgent(): input "sessionId" must be a non-empty string'),
    );
  });
});
