import { useLayoutEffect } from 'react';
import type { AgentStream, AgentStreamOptions } from '../agent-stream-types';
import { useAgentStream } from '../use-agent-stream';
import { assert } from './assert';

export const url = 'https://agent.example/run';

let shown: AgentStream | undefined;

/** What the hook of the last `Chat` that was shown returned. */
export const current = (): AgentStream => {
  assert.ok(shown);
  return shown;
};

/** Shows the status and the texts of a conversation. */
export function Chat(options: AgentStreamOptions) {
  const stream = useAgentStream(options);
  useLayoutEffect(() => {
    shown = stream;
  });
  const texts = stream.messages.map(({ role, text }) => `${role}:${text}`);
  return <p>{[stream.status, ...texts].join(' ')}</p>;
}
