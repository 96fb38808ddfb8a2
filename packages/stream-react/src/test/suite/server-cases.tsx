import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { renderToPipeableStream, renderToString } from 'react-dom/server';
import { persistence } from '../../persistence';
import { useAgentSelector } from '../../use-agent-selector';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { createFakeAgent } from '../fake-agent';
import { chatMessage, createFakeConversation } from '../fake-conversation';
import { hydrate, mount, until } from '../mount';
import type { SuiteCase } from '../suite-case';

const url = 'https://agent.example/run';

/** Calls `render` where there is no window. */
function onServer(render: () => string): string {
  const { window } = globalThis;
  Reflect.deleteProperty(globalThis, 'window');
  try {
    return render();
  } finally {
    Object.defineProperty(globalThis, 'window', { configurable: true, value: window });
  }
}

function Chat() {
  const { messages, status, conversation } = useAgentStream({
    url,
    initialMessages: [{ id: 'u', role: 'user', content: 'earlier' }],
  });
  const count = useAgentSelector(conversation, (snapshot) => snapshot.messages.length);
  return <p>{`${status} ${count} ${messages.map((message) => message.text).join()}`}</p>;
}

export const serverCases: SuiteCase[] = [
  {
    name: 'a server renders the initial messages, as a string and as a stream',
    async run() {
      assert.equal(
        onServer(() => renderToString(<Chat />)),
        '<p>idle 1 earlier</p>',
      );
      const output = new PassThrough();
      const { pipe } = renderToPipeableStream(<Chat />, { onAllReady: () => pipe(output) });
      assert.equal(await text(output), '<p>idle 1 earlier</p>');
    },
  },
  {
    name: 'hydration agrees with the server, also when the conversation has moved on meanwhile',
    async run() {
      for (const updates of ['sync', 'transition'] as const) {
        const conversation = createFakeConversation();
        function Shared() {
          const stream = useAgentStream({ conversation, updates });
          const length = useAgentSelector(conversation, ({ messages }) => messages.length);
          return <p>{`${stream.status} ${length}`}</p>;
        }
        const html = renderToString(<Shared />);
        assert.equal(html, '<p>idle 0</p>');
        conversation.set({ status: 'streaming', messages: [chatMessage({ id: 'a' })] });
        const errors: unknown[] = [];
        const page = hydrate(html, <Shared />, (error) => errors.push(error));
        await until(() => page.text === 'streaming 1', updates);
        assert.deepEqual(errors, []);
        page.unmount();
      }
    },
  },
  {
    name: 'what a storage knows is shown right after hydration, which agrees with the server',
    async run() {
      const items = new Map<string, string>();
      const common = (key: string) => key.replace(/first|second/, '');
      const storage = {
        getItem: (key: string) => items.get(common(key)),
        setItem: (key: string, value: string) => void items.set(common(key), value),
        removeItem: (key: string) => void items.delete(common(key)),
      };
      const persist = persistence({ storage });
      const agent = createFakeAgent();
      let ask: (question: string) => Promise<unknown> = () => Promise.resolve();
      function Stored({ page }: { page: string }) {
        // Another url: another page of this test's making, which remembers nothing but what is stored for both.
        const options = { url: `${url}/${page}`, fetch: agent.fetch, threadId: 'stored', persist };
        const { messages, status, send } = useAgentStream(options);
        ask = send;
        return <p>{[status, ...messages.map((message) => message.text)].join(' ')}</p>;
      }
      const first = mount(<Stored page="first" />);
      await until(() => first.text === 'idle');
      void ask('question');
      (await agent.request(0)).reply('answer');
      await until(() => first.text === 'idle question answer');
      await until(() => items.size === 1, 'it is stored');
      first.unmount();

      const html = onServer(() => renderToString(<Stored page="second" />));
      assert.equal(html, '<p>idle</p>');
      const errors: unknown[] = [];
      const second = hydrate(html, <Stored page="second" />, (error) => errors.push(error));
      await until(() => second.text === 'idle question answer');
      assert.deepEqual(errors, []);
      second.unmount();
    },
  },
];
