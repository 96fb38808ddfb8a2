import type { AgentEvent, Message } from '@magi/stream-protocol';
import { fromMessages, NONE } from '../chat-messages';
import { createEventStore } from '../event-store';
import { createReducer } from '../reduce-events';

/** A store that the events of run `r1` were applied to. */
export function storeOf(events: AgentEvent[], initial: Message[] = []) {
  const store = createEventStore({
    threadId: 't1',
    runId: 'r1',
    messages: fromMessages(initial),
    subagents: NONE,
    status: 'streaming',
    error: undefined,
    interrupts: NONE,
    usage: NONE,
    trace: NONE,
    state: undefined,
  });
  const { apply } = createReducer(store, 'r1');
  for (const event of events) apply(event);
  return store;
}
export const call: AgentEvent[] = [
  { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'search', parentMessageId: 'm1' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '{"q":' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '1}' },
];
