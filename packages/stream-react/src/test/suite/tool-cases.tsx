import { useEffect, useLayoutEffect } from 'react';
import type { AgentStream } from '../../agent-stream-types';
import { agentTool, type ClientTools } from '../../agent-tool';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { type AgentRequest, createFakeAgent, type FakeAgent } from '../fake-agent';
import { mount, pause, until } from '../mount';
import type { SuiteCase } from '../suite-case';

const url = 'https://agent.example/run';
let shown: AgentStream | undefined;
const current = (): AgentStream => {
  assert.ok(shown);
  return shown;
};

function Chat({
  agent,
  tools,
  rounds = 8,
}: {
  agent: FakeAgent;
  tools?: ClientTools;
  rounds?: number;
}) {
  const stream = useAgentStream({
    url,
    fetch: agent.fetch,
    maxToolRounds: rounds,
    ...(tools ? { tools } : {}),
  });
  useLayoutEffect(() => {
    shown = stream;
  });
  return <p>{[stream.status, ...stream.messages.map(({ text }) => text)].join(' ')}</p>;
}

function callTool(request: AgentRequest, id: string, name: string, args: string): void {
  request.emit(
    { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: name, parentMessageId: `m-${id}` },
    { type: 'TOOL_CALL_ARGS', toolCallId: id, delta: args },
    { type: 'TOOL_CALL_END', toolCallId: id },
  );
}

const weather = agentTool({
  description: 'Tells the weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: ({ city }) => ({ city, sky: 'clear' }),
});

export const toolCases: SuiteCase[] = [
  {
    name: 'a client tool runs on the page and its result is sent back in a follow-up run',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat agent={agent} tools={{ weather }} />);
      await until(() => page.text === 'idle');
      const outcome = current().send('weather?');
      const first = await agent.request(0);
      assert.deepEqual(
        first.input.tools.map(({ name }) => name),
        ['weather'],
      );
      first.start();
      callTool(first, 'c1', 'weather', '{"city":"Kyoto"}');
      first.finish();
      const second = await agent.request(1);
      const [question, call, result] = second.input.messages;
      assert.equal(question?.content, 'weather?');
      assert.equal(call?.role === 'assistant' && call.toolCalls?.[0]?.function.name, 'weather');
      assert.equal(result?.role === 'tool' && result.content, '{"city":"Kyoto","sky":"clear"}');
      assert.notEqual(second.input.runId, first.input.runId);
      assert.equal(second.input.threadId, first.input.threadId);
      second.reply('Clear');
      assert.equal((await outcome).status, 'finished');
      await until(() => page.text.endsWith('Clear') && page.text.startsWith('idle'));
      const [toolCall] = current().messages.flatMap(({ toolCalls }) => toolCalls);
      assert.equal(toolCall?.state, 'answered');
      assert.equal(toolCall?.result, '{"city":"Kyoto","sky":"clear"}');
      assert.equal(agent.posts.length, 2);
      page.unmount();
    },
  },
  {
    name: 'what a tool throws, and arguments that are not JSON, are told to the agent',
    async run() {
      const agent = createFakeAgent();
      const broken = agentTool({
        description: 'Fails',
        execute: () => {
          throw new Error('no such city');
        },
      });
      const page = mount(<Chat agent={agent} tools={{ broken }} />);
      await until(() => page.text === 'idle');
      void current().send('go');
      const first = await agent.request(0);
      first.start();
      callTool(first, 'c1', 'broken', '');
      callTool(first, 'c2', 'broken', '{"city":');
      first.finish();
      const second = await agent.request(1);
      const results = second.input.messages.filter(({ role }) => role === 'tool');
      assert.equal(results[0]?.content, 'Tool failed: no such city');
      assert.match(String(results[1]?.content), /^Tool failed: .*JSON/);
      second.reply('sorry');
      await until(() => page.text.endsWith('sorry'));
      page.unmount();
    },
  },
  {
    name: 'a call that this page cannot answer ends the run as it is',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat agent={agent} tools={{ weather }} />);
      await until(() => page.text === 'idle');
      const outcome = current().send('go');
      const first = await agent.request(0);
      first.start();
      callTool(first, 'c1', 'somewhere_else', '{}');
      callTool(first, 'c2', 'weather', '{"city":"Kyoto"}');
      first.finish({ type: 'success', pendingToolCallIds: ['c1', 'c2'] });
      assert.equal((await outcome).status, 'finished');
      assert.equal(agent.posts.length, 1);
      page.unmount();
    },
  },
  {
    name: 'an agent that keeps calling tools is answered at most maxToolRounds times',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat agent={agent} tools={{ weather }} rounds={2} />);
      await until(() => page.text === 'idle');
      const outcome = current().send('go');
      for (const index of [0, 1, 2]) {
        const request = await agent.request(index);
        request.start();
        callTool(request, `c${index}`, 'weather', '{"city":"Kyoto"}');
        request.finish();
      }
      assert.equal((await outcome).status, 'finished');
      await pause();
      assert.equal(agent.posts.length, 3);
      page.unmount();
    },
  },
  {
    name: 'stop() while a tool runs aborts the tool and sends nothing more',
    async run() {
      const agent = createFakeAgent();
      let started = false;
      let aborted = false;
      const slow = agentTool({
        description: 'Takes its time',
        execute: (_args, { signal }) => {
          started = true;
          return new Promise((resolve) =>
            signal.addEventListener('abort', () => {
              aborted = true;
              resolve('too late');
            }),
          );
        },
      });
      const page = mount(<Chat agent={agent} tools={{ slow }} />);
      await until(() => page.text === 'idle');
      const outcome = current().send('go');
      const first = await agent.request(0);
      first.start();
      callTool(first, 'c1', 'slow', '{}');
      first.finish();
      await until(() => started);
      current().stop();
      assert.equal((await outcome).status, 'cancelled');
      await until(() => aborted);
      await pause();
      assert.equal(agent.posts.length, 1);
      page.unmount();
    },
  },
  {
    name: 'components that show one thread unite their tools and give them back when they go',
    async run() {
      const agent = createFakeAgent();
      const events: string[] = [];
      const shared = { url, fetch: agent.fetch, threadId: 'united-tools' };
      function First() {
        const { send } = useAgentStream({
          ...shared,
          tools: { weather },
          context: [{ description: 'page', value: 'map' }],
          onEvent: ({ type }) => events.push(type),
        });
        return <button type="button" onClick={() => void send('q')} />;
      }
      let given: ClientTools | undefined;
      function Second({ tools }: { tools?: ClientTools }) {
        useAgentStream(tools ? { ...shared, tools } : shared);
        useEffect(() => {
          given = tools;
          return () => {
            given = undefined;
          };
        }, [tools]);
        return null;
      }
      const page = mount(
        <>
          <First />
          <Second />
        </>,
      );
      const names = async (index: number) => {
        page.container.querySelector('button')?.click();
        const request = await agent.request(index);
        request.reply('ok');
        await until(() => events.filter((type) => type === 'RUN_FINISHED').length === index + 1);
        assert.equal(request.input.context.length, 1);
        return request.input.tools.map(({ name }) => name);
      };
      await until(() => page.container.querySelector('button') !== null);
      assert.deepEqual(await names(0), ['weather']);
      page.render(
        <>
          <First />
          <Second tools={{ time: weather }} />
        </>,
      );
      await until(() => given !== undefined);
      assert.deepEqual((await names(1)).sort(), ['time', 'weather']);
      page.render(<First />);
      await until(() => given === undefined);
      assert.deepEqual(await names(2), ['weather']);
      page.unmount();
    },
  },
];
