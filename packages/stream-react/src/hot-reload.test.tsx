// @vitest-environment jsdom
import { createElement, type FunctionComponent, useState } from 'react';
import { expect, test } from 'vitest';
import type { AgentStream } from './agent-stream-types';
import { createFakeAgent } from './test/fake-agent';

interface RefreshRuntime {
  injectIntoGlobalHook(window: Window): void;
  register(type: unknown, id: string): void;
  setSignature(type: unknown, key: string, forceReset?: boolean): void;
  performReactRefresh(): unknown;
}

test('hot reloading keeps the conversation and the run, also when the component has to be mounted anew', async () => {
  // React looks for the hook when it is loaded, so it is loaded after.
  const refreshModule = 'react-refresh/runtime';
  const refresh = ((await import(refreshModule)) as { default: RefreshRuntime }).default;
  refresh.injectIntoGlobalHook(window);
  const { mount, pause, until } = await import('./test/mount');
  const { useAgentStream } = await import('./use-agent-stream');
  const agent = createFakeAgent();
  const options = {
    url: 'https://agent.example/run',
    fetch: agent.fetch,
    threadId: 'hot',
  };
  let shown: AgentStream | undefined;
  const textOf = (stream: AgentStream) => {
    shown = stream;
    return [stream.status, ...stream.messages.map(({ text }) => text)].join(' ');
  };
  const define = (component: FunctionComponent, signature: string) => {
    refresh.register(component, 'Chat');
    refresh.setSignature(component, signature);
    return component;
  };

  const First = define(() => <p>1 {textOf(useAgentStream(options))}</p>, 'useAgentStream');
  const page = mount(createElement(First));
  await until(() => page.text === '1 idle');
  void shown?.send('q');
  const request = await agent.request(0);
  request.start();
  request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
  request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
  await until(() => page.text === '1 streaming q half');

  define(() => <p>2 {textOf(useAgentStream(options))}</p>, 'useAgentStream');
  refresh.performReactRefresh();
  await until(() => page.text === '2 streaming q half');

  define(() => {
    const [label] = useState('3');
    return (
      <p>
        {label} {textOf(useAgentStream(options))}
      </p>
    );
  }, 'useState, useAgentStream');
  refresh.performReactRefresh();
  await until(() => page.text === '3 streaming q half');
  await pause();
  expect(request.isAborted).toBe(false);
  request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
  request.finish();
  await until(() => page.text === '3 idle q half');
  expect(agent.requests).toHaveLength(1);
  page.unmount();
});
