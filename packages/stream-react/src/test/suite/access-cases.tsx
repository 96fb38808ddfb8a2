import { Component, type ReactNode } from 'react';
import { AgentStreamProvider } from '../../agent-stream-provider';
import { useAgentMessage } from '../../use-agent-message';
import { useAgentStream } from '../../use-agent-stream';
import { assert } from '../assert';
import { createFakeConversation } from '../fake-conversation';
import { mount, until } from '../mount';
import type { SuiteCase } from '../suite-case';

class Catch extends Component<{ children: ReactNode; onError(error: unknown): void }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidCatch(error: unknown) {
    this.props.onError(error);
  }
  override render() {
    return this.state.failed ? null : this.props.children;
  }
}

/** Renders `node` and returns the error that rendering it throws. */
async function failure(node: ReactNode): Promise<unknown> {
  const { error } = console;
  console.error = () => undefined; // React reports the error that is expected here
  try {
    let caught: unknown;
    const page = mount(
      <Catch
        onError={(thrown) => {
          caught = thrown;
        }}
      >
        {node}
      </Catch>,
    );
    await until(() => caught !== undefined, 'an error was thrown');
    page.unmount();
    return caught;
  } finally {
    console.error = error;
  }
}

function Use({ options }: { options: unknown }) {
  useAgentStream(options as Parameters<typeof useAgentStream>[0]);
  return null;
}

const client = createFakeConversation() as unknown;
const conversation = createFakeConversation();

export const accessCases: SuiteCase[] = [
  {
    name: 'AgentStreamProvider shares one conversation and does not render again for its changes',
    async run() {
      const conversation = createFakeConversation();
      let outer = 0;
      function Outer() {
        outer += 1;
        return (
          <AgentStreamProvider conversation={conversation}>
            <Inner />
            <Inner />
          </AgentStreamProvider>
        );
      }
      function Inner() {
        return <i>{useAgentStream().status} </i>;
      }
      const page = mount(<Outer />);
      await until(() => page.text === 'idle idle ');
      const before = outer;
      conversation.set({ status: 'streaming' });
      await until(() => page.text === 'streaming streaming ');
      assert.equal(outer, before);
      page.unmount();
    },
  },
  {
    name: 'a missing conversation is told with what to do about it',
    async run() {
      for (const node of [<Use key="stream" options={undefined} />, <Read key="message" />]) {
        assert.match(String(await failure(node)), /render an <AgentStreamProvider> above/);
      }
      function Read() {
        useAgentMessage('a');
        return null;
      }
    },
  },
  {
    name: 'wrong options are rejected by name',
    async run() {
      const wrong: [unknown, RegExp][] = [
        [{}, /pass "url", "client" or "conversation"/],
        [{ url: '/a', client }, /"client" excludes "url"/],
        [{ client, auth: {} }, /"client" excludes "auth"/],
        [{ conversation, url: '/a' }, /"conversation" excludes "url"/],
        [{ conversation, tools: {} }, /"conversation" excludes "tools"/],
        [{ conversation, onUnmount: 'keep' }, /"conversation" excludes "onUnmount"/],
        [{ conversation, updates: 'fast' }, /"updates" must be/],
        [{ url: '/a', resumeOnMount: 'no' }, /"resumeOnMount" must be one of true,false/],
        [{ url: '/a', onUnmount: 'never' }, /"onUnmount" must be/],
        [{ url: '/a', onUnmount: 'keep' }, /needs a "threadId"/],
        [{ url: '/a', updates: 'fast' }, /"updates" must be/],
        [{ url: '/a', maxToolRounds: 0 }, /"maxToolRounds" must be/],
        [{ url: '/a', threadID: 'x' }, /threadID/],
        [{ url: '/a', timeouts: { idleMs: -1 } }, /idleMs/],
      ];
      for (const [options, message] of wrong) {
        const error = await failure(<Use options={options} />);
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
        assert.match(String(error), message);
      }
    },
  },
];
