import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { renderToPipeableStream, renderToString } from 'react-dom/server';
import { useAgentSelector } from '../../use-agent-selector';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { chatMessage, createFakeConversation } from '../fake-conversation';
import { hydrate, until } from '../mount';
import type { SuiteCase } from '../suite-case';

const url = 'https://agent.example/run';

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
      assert.equal(renderToString(<Chat />), '<p>idle 1 earlier</p>');
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
];
