import type { AgentEvent } from '@magi/stream-protocol';

export const eventStream = { 'content-type': 'text/event-stream; charset=utf-8' };

export function frame(event: AgentEvent, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(event)}\n\n`;
}

/** One whole run that answers with the deltas. */
export function answer(...deltas: string[]): AgentEvent[] {
  return [
    { type: 'RUN_STARTED', threadId: 't1', runId: 'r1' },
    { type: 'TEXT_MESSAGE_START', messageId: 'm1' },
    ...deltas.map(
      (delta): AgentEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta }),
    ),
    { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
    { type: 'RUN_FINISHED', threadId: 't1', runId: 'r1' },
  ];
}
