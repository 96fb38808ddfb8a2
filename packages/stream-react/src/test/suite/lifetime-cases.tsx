import { bearer } from '@magi/stream-client';
import { useEffect } from 'react';
import type { UnmountPolicy } from '../../agent-stream-types';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { Chat, current, url } from '../chat';
import { createFakeAgent, type FakeAgent } from '../fake-agent';
import { mount, pause, until } from '../mount';
import type { SuiteCase } from '../suite-case';

let threads = 0;
/** A thread id that no other case uses. */
const newThreadId = () => `thread-${++threads}`;

async function answering(agent: FakeAgent, threadId: string, onUnmount: UnmountPolicy) {
  const options = { url, fetch: agent.fetch, threadId, onUnmount };
  const page = mount(<Chat {...options} />);
  await until(() => page.text === 'idle');
  void current().send('q');
  const request = await agent.request(0);
  request.start();
  request.emit({ type: 'TEXT_MESSAGE_START', messageId: 'a', role: 'assistant' });
  request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: 'half' });
  await until(() => page.text === 'streaming user:q assistant:half');
  return { page, request, options };
}

export const lifetimeCases: SuiteCase[] = [
  {
    name: 'a question is answered over fetch',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat url={url} fetch={agent.fetch} />);
      await until(() => page.text === 'idle');
      const outcome = current().send('hello');
      const request = await agent.request(0);
      assert.equal(request.input.messages.at(-1)?.content, 'hello');
      await until(() => page.text === 'connecting user:hello');
      request.reply('hi');
      assert.equal((await outcome).status, 'finished');
      await until(() => page.text === 'idle user:hello assistant:hi');
      page.unmount();
    },
  },
  {
    name: 'in StrictMode a message that an effect sends is one POST, and mounting twice does not abort it',
    async run() {
      const agent = createFakeAgent();
      const outcomes: unknown[] = [];
      function Asking() {
        const { send, messages, status } = useAgentStream({ url, fetch: agent.fetch });
        useEffect(() => {
          void send('hello').then((outcome) => outcomes.push(outcome.status));
        }, [send]);
        return <p>{[status, ...messages.map(({ text }) => text)].join(' ')}</p>;
      }
      const page = mount(<Asking />, { strict: true });
      const request = await agent.request(0);
      await pause();
      request.reply('hi');
      await until(() => page.text === 'idle hello hi' && outcomes.length > 0);
      await pause();
      assert.equal(agent.posts.length, 1);
      assert.equal(request.isAborted, false);
      assert.deepEqual([...new Set(outcomes)], ['finished']);
      page.unmount();
    },
  },
  {
    name: 'the same message sent twice later is two runs, also in StrictMode',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat url={url} fetch={agent.fetch} />, { strict: true });
      await until(() => page.text === 'idle');
      for (const index of [0, 1]) {
        void current().send('again');
        (await agent.request(index)).reply('yes');
        await until(
          () => current().messages.length === 2 * (index + 1) && current().status === 'idle',
        );
      }
      assert.equal(agent.posts.length, 2);
      page.unmount();
    },
  },
  {
    name: 'options written inline do not make a new conversation, and the next run uses the newest',
    async run() {
      const agent = createFakeAgent();
      function Inline({ token }: { token: string }) {
        return (
          <Chat
            url={`${url}?token=${token}`}
            fetch={(...args) => agent.fetch(...args)}
            auth={bearer(async () => token)}
            headers={{ 'x-version': token }}
          />
        );
      }
      const page = mount(<Inline token="one" />);
      await until(() => page.text === 'idle');
      const { conversation } = current();
      void current().send('a');
      const first = await agent.request(0);
      page.render(<Inline token="two" />);
      await pause();
      assert.equal(first.isAborted, false);
      first.reply('1');
      await until(() => page.text === 'idle user:a assistant:1');
      void current().send('b');
      const second = await agent.request(1);
      assert.equal(second.url, `${url}?token=two`);
      assert.equal(second.headers.get('x-version'), 'two');
      assert.equal(second.headers.get('authorization'), 'Bearer two');
      second.reply('2');
      await until(() => page.text.endsWith('assistant:2'));
      assert.equal(current().conversation, conversation);
      page.unmount();
    },
  },
  {
    name: 'context and forwardedProps go along with each run, and those of send() instead',
    async run() {
      const agent = createFakeAgent();
      const fromOptions = { context: [{ description: 'page', value: '/a' }], forwardedProps: 1 };
      const fromSend = { context: [{ description: 'page', value: '/b' }], forwardedProps: 2 };
      const page = mount(<Chat url={url} fetch={agent.fetch} {...fromOptions} />);
      await until(() => page.text === 'idle');
      for (const [index, extras] of [undefined, fromSend].entries()) {
        const outcome = current().send('q', extras);
        const request = await agent.request(index);
        const { context, forwardedProps } = request.input;
        assert.deepEqual({ context, forwardedProps }, extras ?? fromOptions);
        request.reply('a');
        await outcome;
      }
      page.unmount();
    },
  },
  {
    name: 'two components with the same url and threadId share one conversation',
    async run() {
      const agent = createFakeAgent();
      const options = { url, fetch: agent.fetch, threadId: newThreadId() };
      const page = mount(
        <>
          <Chat {...options} />
          <Chat {...options} />
        </>,
      );
      await until(() => page.text === 'idleidle');
      void current().send('q');
      (await agent.request(0)).reply('a');
      await until(() => page.text === 'idle user:q assistant:aidle user:q assistant:a');
      assert.equal(agent.posts.length, 1);
      page.unmount();
    },
  },
  {
    name: 'another threadId shows another conversation, and going back finds the first one again',
    async run() {
      const agent = createFakeAgent();
      const [one, two] = [newThreadId(), newThreadId()];
      const options = { url, fetch: agent.fetch };
      const page = mount(<Chat {...options} threadId={one} />);
      await until(() => page.text === 'idle');
      void current().send('first');
      const request = await agent.request(0);
      assert.equal(request.input.threadId, one);
      request.reply('1');
      await until(() => page.text === 'idle user:first assistant:1');
      page.render(<Chat {...options} threadId={two} />);
      await until(() => page.text === 'idle');
      assert.equal(current().threadId, two);
      page.render(<Chat {...options} threadId={one} />);
      await until(() => page.text === 'idle user:first assistant:1');
      page.unmount();
    },
  },
  {
    name: 'onUnmount "abort" stops the run and keeps what has arrived',
    async run() {
      const agent = createFakeAgent();
      const { page, request, options } = await answering(agent, newThreadId(), 'abort');
      page.unmount();
      await until(() => request.isAborted);
      const again = mount(<Chat {...options} />);
      await until(() => again.text === 'idle user:q assistant:half');
      assert.equal(current().messages[1]?.state, 'stopped');
      again.unmount();
    },
  },
  {
    name: 'onUnmount "keep" lets the run go on, and mounting again shows it',
    async run() {
      const agent = createFakeAgent();
      const { page, request, options } = await answering(agent, newThreadId(), 'keep');
      page.unmount();
      await pause();
      assert.equal(request.isAborted, false);
      const again = mount(<Chat {...options} />);
      await until(() => again.text === 'streaming user:q assistant:half');
      request.emit({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: ' whole' });
      request.emit({ type: 'TEXT_MESSAGE_END', messageId: 'a' });
      request.finish();
      await until(() => again.text === 'idle user:q assistant:half whole');
      assert.equal(agent.requests.length, 1);
      again.unmount();
    },
  },
  {
    name: 'onUnmount "detach" drops the connection without a cancel, and mounting again resumes by GET',
    async run() {
      const agent = createFakeAgent({ withIds: true });
      const { page, request, options } = await answering(agent, newThreadId(), 'detach');
      page.unmount();
      await until(() => request.isAborted);
      await pause();
      assert.deepEqual(
        agent.requests.map(({ method }) => method),
        ['POST'],
      );
      const again = mount(<Chat {...options} />);
      const resumed = await agent.request(1);
      assert.equal(resumed.method, 'GET');
      assert.equal(resumed.headers.get('last-event-id'), '3');
      const { threadId, runId } = request.input;
      resumed.emit(
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'a', delta: ' whole' },
        { type: 'TEXT_MESSAGE_END', messageId: 'a' },
        { type: 'RUN_FINISHED', threadId, runId },
      );
      resumed.end();
      await until(() => again.text === 'idle user:q assistant:half whole');
      again.unmount();
    },
  },
];
