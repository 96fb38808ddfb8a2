import type { AgentEvent } from '@magi/stream-protocol';

/**
 * Returns what the event says now: it waits for its reader, and its source may go on changing what it holds. What is inside
 * becomes what it is as JSON.
 *
 * @throws TypeError when it cannot be written as JSON.
 */
export function copyEvent<T extends AgentEvent>(event: T): T {
  const isFlat = Object.values(event).every((value) => /string|number|boolean/.test(typeof value));
  return isFlat ? { ...event } : JSON.parse(JSON.stringify(event));
}
