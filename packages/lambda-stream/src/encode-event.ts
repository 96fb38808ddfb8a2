import type { AgentEvent } from '@magi/stream-protocol';

/**
 * One event as one SSE frame.
 *
 * JSON text holds no line break, so nothing in an event can end its `data` line or start another field.
 */
export function encodeEvent(event: AgentEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}
