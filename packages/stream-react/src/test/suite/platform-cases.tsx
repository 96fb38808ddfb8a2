import * as React from 'react';
import { lazy, Suspense, startTransition, useLayoutEffect, useState } from 'react';
import type { AgentStream, UpdatePriority } from '../../agent-stream-types';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { createFakeAgent, type FakeAgent } from '../fake-agent';
import { mount, pause, until } from '../mount';
import type { SuiteCase } from '../suite-case';

let shown: AgentStream | undefined;
const current = (): AgentStream => {
  assert.ok(shown);
  return shown;
};

interface ChatProps {
  readonly agent: Pick<FakeAgent, 'fetch'>;
  readonly updates?: UpdatePriority;
}

function Chat({ agent, updates = 'sync' }: ChatProps) {
  const stream = useAgentStream({ url: 'https://agent.example/run', fetch: agent.fetch, updates });
  useLayoutEffect(() => {
    shown = stream;
  });
  return <p>{[stream.status, ...stream.messages.map(({ text }) => text)].join(' ')}</p>;
}

export const platformCases: SuiteCase[] = [
  {
    name: 'a fetch without streaming bodies, like React Native, shows the whole answer at its end',
    async run() {
      const agent = createFakeAgent();
      const native: typeof fetch = async (input, init) => {
        const response = await agent.fetch(input, init);
        return Object.defineProperty(response, 'body', { value: null });
      };
      const page = mount(<Chat agent={{ fetch: native }} />);
      await until(() => page.text === 'idle');
      void current().send('q');
      (await agent.request(0)).reply('whole answer');
      await until(() => page.text === 'idle q whole answer');
      page.unmount();
    },
  },
  {
    name: 'a sibling that suspends in a transition neither stops the run nor hides its progress',
    async run() {
      for (const updates of ['sync', 'transition'] as const) {
        const agent = createFakeAgent();
        let arrive: (module: { default: () => React.ReactNode }) => void = () => undefined;
        const Late = lazy(
          () =>
            new Promise<{ default: () => React.ReactNode }>((resolve) => {
              arrive = resolve;
            }),
        );
        let open: () => void = () => undefined;
        function Page() {
          const [isOpen, setOpen] = useState(false);
          open = () => startTransition(() => setOpen(true));
          return (
            <Suspense fallback="loading">
              <Chat agent={agent} updates={updates} />
              {isOpen ? <Late /> : null}
            </Suspense>
          );
        }
        const page = mount(<Page />);
        await until(() => page.text === 'idle');
        void current().send('q');
        const request = await agent.request(0);
        request.start();
        await until(() => page.text === 'streaming q');
        open();
        await pause();
        request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
        request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
        // Before React 19.3 transitions wait for the one that is suspended.
        if (updates === 'sync') await until(() => page.text === 'streaming q half');
        await pause();
        assert.equal(request.isAborted, false);
        arrive({ default: () => <i> late</i> });
        await until(() => page.text === 'streaming q half late', updates);
        request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
        request.finish();
        await until(() => page.text === 'idle q half late', updates);
        assert.equal(agent.posts.length, 1);
        page.unmount();
      }
    },
  },
  {
    name: 'an <Activity> that is hidden and shown again keeps the conversation and can go on',
    async run() {
      if (!('Activity' in React)) return; // younger than this React
      const Activity = React.Activity as React.ComponentType<{
        mode: 'visible' | 'hidden';
        children: React.ReactNode;
      }>;
      const agent = createFakeAgent();
      const at = (mode: 'visible' | 'hidden') => (
        <Activity mode={mode}>
          <Chat agent={agent} />
        </Activity>
      );
      const page = mount(at('visible'));
      await until(() => page.text === 'idle');
      void current().send('q');
      (await agent.request(0)).reply('a');
      await until(() => page.text === 'idle q a');
      page.render(at('hidden'));
      await pause();
      page.render(at('visible'));
      await pause();
      void current().send('again');
      (await agent.request(1)).reply('b');
      await until(() => page.text === 'idle q a again b');
      page.unmount();
    },
  },
];
