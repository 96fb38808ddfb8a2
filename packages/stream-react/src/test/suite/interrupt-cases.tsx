import { useLayoutEffect } from 'react';
import type { AgentStream } from '../../agent-stream-types';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { createFakeAgent, type FakeAgent } from '../fake-agent';
import { mount, until } from '../mount';
import type { SuiteCase } from '../suite-case';

interface Questions {
  approval: { approved: boolean };
}
type Stream = AgentStream<unknown, Questions>;

let shown: Stream | undefined;
const current = (): Stream => {
  assert.ok(shown);
  return shown;
};

function Chat({ agent }: { agent: FakeAgent }) {
  const stream = useAgentStream<unknown, Questions>({
    url: 'https://agent.example/run',
    fetch: agent.fetch,
  });
  useLayoutEffect(() => {
    shown = stream;
  });
  return <p>{[stream.status, ...stream.interrupts.map(({ message }) => message)].join(' ')}</p>;
}

export const interruptCases: SuiteCase[] = [
  {
    name: 'the run goes on when all interrupts are answered, in one POST with all answers',
    async run() {
      const agent = createFakeAgent();
      const page = mount(<Chat agent={agent} />);
      await until(() => page.text === 'idle');
      void current().send('book it');
      const first = await agent.request(0);
      first.start();
      first.finish({
        type: 'interrupt',
        interrupts: [
          { id: 'i1', reason: 'approval', message: 'Pay?' },
          { id: 'i2', reason: 'approval', message: 'Share?' },
        ],
      });
      await until(() => page.text === 'interrupted Pay? Share?');
      const [pay, share] = current().interrupts;
      assert.ok(pay && share);
      await current().respond(pay.id, { status: 'resolved', payload: { approved: true } });
      await until(() => page.text === 'interrupted Share?');
      assert.equal(agent.posts.length, 1);
      void current().respond(share.id, { status: 'cancelled' });
      const second = await agent.request(1);
      assert.deepEqual(second.input.resume, [
        { interruptId: 'i1', status: 'resolved', payload: { approved: true } },
        { interruptId: 'i2', status: 'cancelled' },
      ]);
      second.reply('done');
      await until(() => page.text === 'idle');
      assert.equal(agent.posts.length, 2);
      page.unmount();
    },
  },
];
