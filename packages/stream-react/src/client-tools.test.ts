import { createAgentClient } from '@magi/stream-client';
import { expect, test, vi } from 'vitest';
import type { ClientTools } from './agent-tool';
import { runWithTools } from './client-tools';
import { type AgentRequest, createFakeAgent, type FakeAgent } from './test/fake-agent';

const url = 'https://agent.example/run';

function start(agent: FakeAgent, execute: ClientTools[string]['execute'], signal?: AbortSignal) {
  const client = createAgentClient({ url, fetch: agent.fetch });
  const tools: ClientTools = { look: { description: 'Looks', execute } };
  const run = runWithTools(client, { messages: [] }, signal ? { signal } : {}, tools, 8);
  const read = (async () => {
    for await (const _event of run);
  })();
  return { run, read };
}

function call(request: AgentRequest, ...ids: string[]): void {
  request.start();
  for (const toolCallId of ids) {
    request.emit(
      { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'look' },
      { type: 'TOOL_CALL_END', toolCallId },
    );
  }
}

test('a run that has ended leaves no listener on the signal it was given', async () => {
  const agent = createFakeAgent();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  const { read } = start(agent, () => 'ok', signal);
  const [, listener] = added.mock.calls[0] ?? [];
  (await agent.request(0)).reply('x');
  await read;
  expect(removed).toHaveBeenCalledWith('abort', listener);
});

test('cancel() ends the run also when a tool ignores its signal', async () => {
  const agent = createFakeAgent();
  const execute = vi.fn(() => new Promise(() => {}));
  const { run, read } = start(agent, execute);
  const request = await agent.request(0);
  call(request, 'c1');
  request.finish();
  await vi.waitFor(() => expect(execute).toHaveBeenCalled());
  await run.cancel();
  await read;
  expect(agent.posts).toHaveLength(1);
});

test('only the calls that the agent waits for are answered', async () => {
  for (const pendingToolCallIds of [['c2'], []]) {
    const agent = createFakeAgent();
    const execute = vi.fn((_args: unknown, { toolCallId }: { toolCallId: string }) => toolCallId);
    const { read } = start(agent, execute);
    const request = await agent.request(0);
    call(request, 'c1', 'c2');
    request.finish({ type: 'success', pendingToolCallIds });
    if (pendingToolCallIds.length) (await agent.request(1)).reply('done');
    await read;
    expect(execute.mock.results.map(({ value }) => value)).toEqual(pendingToolCallIds);
    expect(agent.posts).toHaveLength(1 + pendingToolCallIds.length);
  }
});
