import { memo, Profiler, useLayoutEffect } from 'react';
import { AgentStreamProvider } from '../../agent-stream-provider';
import type { AgentStream } from '../../agent-stream-types';
import { useAgentConversation } from '../../use-agent-conversation';
import { useAgentMessage } from '../../use-agent-message';
import { useAgentSelector } from '../../use-agent-selector';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { chatMessage, createFakeConversation } from '../fake-conversation';
import { mount, pause, until } from '../mount';
import type { SuiteCase } from '../suite-case';

const sameList = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((item, index) => item === b[index]);

export const renderingCases: SuiteCase[] = [
  {
    name: 'useAgentStream() shows what the conversation says and its status',
    async run() {
      const conversation = createFakeConversation();
      function Chat() {
        const { messages, status } = useAgentStream({ conversation });
        return <p>{`${status}:${messages.map(({ text }) => text).join('|')}`}</p>;
      }
      const page = mount(<Chat />);
      await until(() => page.text === 'idle:');
      conversation.set({ status: 'streaming', messages: [chatMessage({ id: 'a', text: 'Hel' })] });
      await until(() => page.text === 'streaming:Hel');
      page.unmount();
      await until(() => conversation.listenerCount === 0);
    },
  },
  {
    name: 'the functions keep their identity while an answer streams, and do not lose the conversation when taken apart',
    async run() {
      const conversation = createFakeConversation();
      const seen: AgentStream[] = [];
      function Chat() {
        const stream = useAgentStream({ conversation });
        useLayoutEffect(() => void seen.push(stream));
        return null;
      }
      const page = mount(<Chat />);
      await until(() => seen.length === 1);
      conversation.set({ messages: [chatMessage({ id: 'a' })] });
      await until(() => seen.length === 2);
      const [first, second] = seen as [AgentStream, AgentStream];
      assert.notEqual(first.messages, second.messages);
      for (const name of ['send', 'stop', 'regenerate', 'respond', 'resume', 'clear'] as const) {
        assert.equal(first[name], second[name], name);
      }
      conversation.calls.length = 0;
      const { send, stop, regenerate, respond, clear } = second;
      await send('hi');
      stop();
      await regenerate('a');
      await respond('i1', { status: 'resolved', payload: { ok: true } });
      clear();
      assert.deepEqual(conversation.calls, [
        'send "hi"',
        'stop',
        'regenerate a',
        'respond i1 {"status":"resolved","payload":{"ok":true}}',
        'clear',
      ]);
      page.unmount();
    },
  },
  {
    name: 'a change between the first render and the subscription is not missed',
    async run() {
      for (const updates of ['sync', 'transition'] as const) {
        const conversation = createFakeConversation();
        function Chat() {
          const { status } = useAgentStream({ conversation, updates });
          useLayoutEffect(() => {
            if (conversation.getSnapshot().status === 'idle')
              conversation.set({ status: 'streaming' });
          }, []);
          return <p>{status}</p>;
        }
        const page = mount(<Chat />);
        await until(() => page.text === 'streaming', updates);
        page.unmount();
      }
    },
  },
  {
    name: 'appending to one message commits only the component of that message',
    async run() {
      const conversation = createFakeConversation({
        messages: [chatMessage({ id: 'a', text: 'one' }), chatMessage({ id: 'b', text: '' })],
      });
      const commits: string[] = [];
      const Message = memo(({ id }: { id: string }) => (
        <Profiler id={id} onRender={(profiled) => commits.push(profiled)}>
          <Text id={id} />
        </Profiler>
      ));
      function Text({ id }: { id: string }) {
        return <p>{useAgentMessage(id)?.text}</p>;
      }
      function Messages() {
        const ids = useAgentSelector(
          useAgentConversation(),
          ({ messages }) => messages.map(({ id }) => id),
          sameList,
        );
        return ids.map((id) => <Message key={id} id={id} />);
      }
      const page = mount(
        <AgentStreamProvider conversation={conversation}>
          <Profiler id="page" onRender={(profiled) => commits.push(profiled)}>
            <Messages />
          </Profiler>
        </AgentStreamProvider>,
      );
      await until(() => page.text === 'one');
      commits.length = 0;
      for (const text of ['t', 'tw', 'two']) {
        const [a] = conversation.getSnapshot().messages;
        assert.ok(a);
        conversation.set({ messages: [a, chatMessage({ id: 'b', text })] });
        await until(() => page.text === `one${text}`);
      }
      // "page" is the profiler around everything: it reports each commit inside it.
      assert.deepEqual(commits, ['b', 'page', 'b', 'page', 'b', 'page']);
      page.unmount();
    },
  },
  {
    name: 'useAgentMessage() finds a message that moved and gives undefined for one that is gone',
    async run() {
      const b = chatMessage({ id: 'b', text: 'two' });
      const conversation = createFakeConversation({ messages: [chatMessage({ id: 'a' }), b] });
      function Text() {
        return <p>{useAgentMessage('b', conversation)?.text ?? 'gone'}</p>;
      }
      const page = mount(<Text />);
      await until(() => page.text === 'two');
      conversation.set({ messages: [b] });
      await pause();
      assert.equal(page.text, 'two');
      conversation.set({ messages: [] });
      await until(() => page.text === 'gone');
      page.unmount();
    },
  },
  {
    name: 'useAgentSelector() sleeps through changes of other parts, also with a selector written inline',
    async run() {
      const conversation = createFakeConversation({
        messages: [chatMessage({ id: 'a', text: 'x' })],
      });
      let renders = 0;
      function Ids() {
        renders += 1;
        const ids = useAgentSelector(
          conversation,
          ({ messages }) => messages.map(({ id }) => id),
          sameList,
        );
        return <p>{ids.join()}</p>;
      }
      const page = mount(<Ids />);
      await until(() => page.text === 'a');
      const before = renders;
      conversation.set({ messages: [chatMessage({ id: 'a', text: 'xy' })], status: 'streaming' });
      await pause();
      assert.equal(renders, before);
      conversation.set({ messages: [chatMessage({ id: 'a' }), chatMessage({ id: 'b' })] });
      await until(() => page.text === 'a,b');
      page.unmount();
    },
  },
  {
    name: 'useAgentSelector() follows a selector that changes and a conversation that changes',
    async run() {
      const one = createFakeConversation({ status: 'streaming', threadId: 'one' });
      const two = createFakeConversation({ status: 'error', threadId: 'two' });
      function Field({ from, name }: { from: typeof one; name: 'status' | 'threadId' }) {
        return <p>{useAgentSelector(from, (snapshot) => snapshot[name])}</p>;
      }
      const page = mount(<Field from={one} name="status" />);
      await until(() => page.text === 'streaming');
      page.render(<Field from={one} name="threadId" />);
      await until(() => page.text === 'one');
      page.render(<Field from={two} name="threadId" />);
      await until(() => page.text === 'two');
      await until(() => one.listenerCount === 0 && two.listenerCount === 1);
      page.unmount();
    },
  },
  {
    name: 'with updates "transition" the last change is shown, also when it goes back to what was shown before',
    async run() {
      const conversation = createFakeConversation();
      function Page() {
        const conv = useAgentConversation();
        const { status } = useAgentStream();
        const selected = useAgentSelector(conv, (snapshot) => [snapshot.status], sameList);
        return <p>{`${status} ${selected[0]}`}</p>;
      }
      const page = mount(
        <AgentStreamProvider conversation={conversation} updates="transition">
          <Page />
        </AgentStreamProvider>,
      );
      await until(() => page.text === 'idle idle');
      conversation.set({ status: 'connecting' });
      conversation.set({ status: 'streaming' });
      conversation.set({ status: 'idle' });
      await pause(50);
      assert.equal(page.text, 'idle idle');
      conversation.set({ status: 'streaming' });
      conversation.set({ status: 'error' });
      await until(() => page.text === 'error error');
      page.unmount();
    },
  },
];
