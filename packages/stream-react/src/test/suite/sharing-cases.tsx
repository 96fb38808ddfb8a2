import type { Conversation } from '@magi/stream-client';
import { useState } from 'react';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { Chat, current, url } from '../chat';
import { createFakeAgent } from '../fake-agent';
import { createFakeConversation } from '../fake-conversation';
import { mount, pause, until } from '../mount';
import type { SuiteCase } from '../suite-case';

export const sharingCases: SuiteCase[] = [
  {
    name: 'a conversation made elsewhere is neither stopped nor disposed of by unmounting',
    async run() {
      const conversation = createFakeConversation({ status: 'streaming' });
      const page = mount(<Chat conversation={conversation} />, { strict: true });
      await until(() => page.text === 'streaming');
      page.unmount();
      await until(() => conversation.listenerCount === 0);
      await pause();
      assert.deepEqual(conversation.calls, ['resume']);
    },
  },
  {
    name: "a conversation of the hook passed to a child is still the hook's to stop",
    async run() {
      const agent = createFakeAgent();
      function Parent() {
        return <Chat conversation={useAgentStream({ url, fetch: agent.fetch }).conversation} />;
      }
      const page = mount(<Parent />);
      await until(() => page.text === 'idle');
      void current().send('q');
      const request = await agent.request(0);
      page.unmount();
      await until(() => request.isAborted);
    },
  },
  {
    name: 'another conversation may be passed at any time',
    async run() {
      const one = createFakeConversation({ status: 'streaming' });
      const two = createFakeConversation({ status: 'error' });
      let swap: (conversation: Conversation) => void = () => undefined;
      function Page() {
        const [conversation, set] = useState<Conversation>(one);
        swap = set;
        return <Chat conversation={conversation} />;
      }
      const page = mount(<Page />);
      await until(() => page.text === 'streaming');
      swap(two);
      await until(() => page.text === 'error');
      await until(() => one.listenerCount === 0);
      page.unmount();
    },
  },
];
