import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { afterEach, describe, expect, it } from 'vitest';
import { collectRun, textOf, verifyRun } from '../sources/verify-run.fixture';
import type { Bedrock } from '../testing';
import { startBedrock } from '../testing';
import { invokeAgentRuntime, invokeHarness, stopRuntimeSession } from './index';

const agentRuntimeArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/r1';
const harnessArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:harness/h1';
const runtimeSessionId = 's'.repeat(40);

let bedrock: Bedrock | undefined;
afterEach(async () => {
  await bedrock?.close();
});

const endless = async function* (_request: unknown, { signal }: { readonly signal: AbortSignal }) {
  yield { data: 'Hello' };
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
};

describe('invokeAgentRuntime()', () => {
  it('sends any payload as JSON and asks for server-sent events', async () => {
    bedrock = await startBedrock({ runtimes: { [agentRuntimeArn]: ['data: "Hi"\n\n'] } });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const input = { agentRuntimeArn, runtimeSessionId, payload: { prompt: 'こんにちは' } };
    expect(textOf(await verifyRun(invokeAgentRuntime(client, input)))).toBe('Hi');
    const [request] = bedrock.expectRequest({
      resourceId: agentRuntimeArn,
      body: { prompt: 'こんにちは' },
    });
    expect(request?.headers).toMatchObject({
      accept: 'text/event-stream',
      'content-type': 'application/json',
      'x-amzn-bedrock-agentcore-runtime-session-id': runtimeSessionId,
    });
  });

  it('takes a chosen dialect at its word', async () => {
    bedrock = await startBedrock({ runtimes: { '*': [{ type: 'RUN_STARTED', text: 'Hi' }] } });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const input = { agentRuntimeArn, runtimeSessionId, payload: {} };
    const run = invokeAgentRuntime(client, input, { dialect: 'plain' });
    expect(textOf(await verifyRun(run))).toBe('Hi');
  });

  it.each(['abort', 'break'])('stops the session on %s when it is told to', async (how) => {
    bedrock = await startBedrock({ runtimes: { '*': endless } });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const controller = new AbortController();
    const run = invokeAgentRuntime(
      client,
      { agentRuntimeArn, runtimeSessionId, qualifier: 'prod', payload: {} },
      { signal: controller.signal, stopSessionOnCancel: true },
    );
    const reading = (async () => {
      for await (const event of run) {
        if (event.type !== 'TEXT_MESSAGE_CONTENT') continue;
        if (how === 'break') break;
        controller.abort(new Error('stop'));
      }
    })();
    if (how === 'abort') await expect(reading).rejects.toThrow('stop');
    else await reading;
    const [stop] = bedrock.expectRequest({
      operation: 'StopRuntimeSession',
      resourceId: agentRuntimeArn,
      query: { qualifier: 'prod' },
    });
    expect(stop?.headers['x-amzn-bedrock-agentcore-runtime-session-id']).toBe(runtimeSessionId);
  });

  it('leaves the session alone after an answer that is complete, and unless it is told to', async () => {
    bedrock = await startBedrock({ runtimes: { '*': ['data: "Hi"\n\n'] } });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const input = { agentRuntimeArn, runtimeSessionId, payload: {} };
    await verifyRun(invokeAgentRuntime(client, input, { stopSessionOnCancel: true }));
    for await (const _event of invokeAgentRuntime(client, input)) break;
    expect(bedrock.requests.map(({ operation }) => operation)).not.toContain('StopRuntimeSession');
  });

  it('rejects a session id that AgentCore would reject, and an unknown dialect', () => {
    const client = new BedrockAgentCoreClient({ region: 'us-east-1' });
    const input = { agentRuntimeArn, runtimeSessionId: 'short', payload: {} };
    expect(() => invokeAgentRuntime(client, input)).toThrow(
      new RangeError(
        'Cannot call invokeAgentRuntime(): input "runtimeSessionId" must have 33 to 256 characters, got 5',
      ),
    );
    expect(() =>
      invokeAgentRuntime(client, { ...input, runtimeSessionId }, { dialect: 'xml' as 'plain' }),
    ).toThrow(TypeError);
  });

  it('fails when a JSON answer is larger than 10 MiB', async () => {
    const megabyte = 'x'.repeat(1024 * 1024);
    const pieces = Array.from({ length: 11 }, () => megabyte);
    bedrock = await startBedrock({
      runtimes: { '*': { contentType: 'application/json', pieces } },
    });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const input = { agentRuntimeArn, runtimeSessionId, payload: {} };
    const { error } = await collectRun(invokeAgentRuntime(client, input));
    expect(error).toMatchObject({ code: 'UPSTREAM_TOO_LARGE' });
  });
});

describe('invokeHarness()', () => {
  it('ends with an interrupt for an inline function and carries the answer back', async () => {
    bedrock = await startBedrock({
      harnesses: {
        '*': (request) =>
          JSON.stringify(request.body).includes('toolResult')
            ? [
                { messageStart: { role: 'assistant' } },
                'Done.',
                { messageStop: { stopReason: 'end_turn' } },
              ]
            : [
                { messageStart: { role: 'assistant' } },
                {
                  contentBlockStart: {
                    contentBlockIndex: 0,
                    start: { toolUse: { toolUseId: 'u1', name: 'approve' } },
                  },
                },
                { contentBlockStop: { contentBlockIndex: 0 } },
                { messageStop: { stopReason: 'tool_use' } },
              ],
      },
    });
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    const input = {
      harnessArn,
      runtimeSessionId,
      messages: [{ role: 'user' as const, content: [{ text: 'Hi' }] }],
    };
    const finished = (await verifyRun(invokeHarness(client, input))).at(-1);
    if (finished?.type !== 'RUN_FINISHED' || finished.outcome?.type !== 'interrupt') {
      throw new Error('Expected an interrupt');
    }
    const resume = finished.outcome.interrupts.map(({ id }) => ({
      // As it is called behind a merge.
      interruptId: `caspar-1a2b3c4d/${id}`,
      status: 'resolved' as const,
      payload: { result: 'yes' },
    }));
    expect(textOf(await verifyRun(invokeHarness(client, input, { resume })))).toBe('Done.');
    expect(bedrock.requests[1]?.body?.messages).toEqual([
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'u1', content: [{ text: 'yes' }], status: 'success' } },
        ],
      },
    ]);

    const cancelled = resume.map((entry) => ({ ...entry, status: 'cancelled' as const }));
    const send = async (text: string) => {
      const messages = [{ role: 'user' as const, content: [{ text }] }];
      await verifyRun(invokeHarness(client, { ...input, messages }, { resume: cancelled }));
      return bedrock?.requests.at(-1)?.body?.messages;
    };
    const content = [{ text: 'The user declined the call' }];
    const toolResult = { toolUseId: 'u1', content, status: 'error' };
    expect(await send('')).toEqual([{ role: 'user', content: [{ toolResult }] }]);
    expect(await send('Never mind')).toEqual([
      { role: 'user', content: [{ toolResult }, { text: 'Never mind' }] },
    ]);
  });
});

describe('stopRuntimeSession()', () => {
  it('stops the session', async () => {
    bedrock = await startBedrock({});
    const client = new BedrockAgentCoreClient(bedrock.clientConfig);
    await stopRuntimeSession(client, { agentRuntimeArn, runtimeSessionId });
    expect(bedrock.expectRequest({ operation: 'StopRuntimeSession' })).toHaveLength(1);
  });
});
