import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { createSubagentEvents } from './subagent-events';

/** To whom the last of the events goes, `undefined` for the agent itself. */
function ownerOfLast(...events: AgentEvent[]): string | undefined {
  const { attribute } = createSubagentEvents('a');
  const last = events.map(attribute).at(-1) as { subagentRunId?: string };
  return last.subagentRunId?.split('/')[1];
}

const text = (messageId: string, subagentRunId?: string): AgentEvent => ({
  type: 'TEXT_MESSAGE_START',
  messageId,
  ...(subagentRunId === undefined ? {} : { subagentRunId }),
});
const reasoning = (messageId: string, subagentRunId: string): AgentEvent => ({
  type: 'REASONING_MESSAGE_START',
  messageId,
  role: 'reasoning',
  subagentRunId,
});
const textDelta: AgentEvent = { type: 'TEXT_MESSAGE_CONTENT', messageId: 'x', delta: 'd' };
const thought: AgentEvent = { type: 'REASONING_MESSAGE_CONTENT', messageId: 'x', delta: 'd' };
const call: AgentEvent = {
  type: 'TOOL_CALL_START',
  toolCallId: 'x',
  toolCallName: 'f',
  subagentRunId: 's1',
};
const encrypted = (subtype: 'message' | 'tool-call'): AgentEvent => ({
  type: 'REASONING_ENCRYPTED_VALUE',
  subtype,
  entityId: 'x',
  encryptedValue: 'e',
});
const activity = (subagentRunId?: string, replace = true): AgentEvent => ({
  type: 'ACTIVITY_SNAPSHOT',
  messageId: 'x',
  activityType: 'plan',
  content: {},
  replace,
  ...(subagentRunId === undefined ? {} : { subagentRunId }),
});
const change: AgentEvent = {
  type: 'ACTIVITY_DELTA',
  messageId: 'x',
  activityType: 'plan',
  patch: [],
};

describe('createSubagentEvents()', () => {
  it.each<[what: string, owner: string | undefined, events: AgentEvent[]]>([
    [
      'a text beside a thought of the same id',
      undefined,
      [text('x'), reasoning('x', 's1'), textDelta],
    ],
    ['a thought beside a text of the same id', 's1', [text('x'), reasoning('x', 's1'), thought]],
    ['each of them in turn', 's1', [text('x'), reasoning('x', 's1'), thought, textDelta, thought]],
    ['a text beside a call of the same id', undefined, [text('x'), call, textDelta]],
    ['the encrypted value of a message', 's1', [text('x', 's1'), encrypted('message')]],
    ['the encrypted value of a thought', 's1', [reasoning('x', 's1'), encrypted('message')]],
    ['the encrypted value of a call', 's1', [text('x'), call, encrypted('tool-call')]],
    ['a change of an activity', 's1', [activity('s1'), change]],
    ['an activity that replaces another', undefined, [activity('s1'), activity(), change]],
    ['an activity that replaces none', 's1', [activity('s1'), activity('s2', false), change]],
  ])('knows whose is %s', (_what, owner, events) => {
    expect(ownerOfLast(...events)).toBe(owner);
  });
});
