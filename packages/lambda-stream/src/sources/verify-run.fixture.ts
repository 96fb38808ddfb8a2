import type { BaseEvent } from '@ag-ui/client';
import { verifyEvents } from '@ag-ui/client';
import { EventSchemas } from '@ag-ui/core/schemas';
import type { AgentEvent } from '@magi/stream-protocol';
import { from, lastValueFrom, toArray } from 'rxjs';

/** What a source yielded before it ended or threw. */
export interface CollectedRun {
  readonly events: AgentEvent[];
  readonly error: unknown;
}

/** Reads a source to its end, whatever that is. One that changes what it has yielded fails. */
export async function collectRun(source: AsyncIterable<AgentEvent>): Promise<CollectedRun> {
  const events: AgentEvent[] = [];
  try {
    for await (const event of source) events.push(freeze(event));
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

/** Reads a source and checks every event by AG-UI's own schemas and their order by its own verifier. */
export async function verifyRun(source: AsyncIterable<AgentEvent>): Promise<AgentEvent[]> {
  const { events, error } = await collectRun(source);
  if (error !== undefined) throw error;
  await checkEvents(events);
  return events;
}

export async function checkEvents(events: readonly AgentEvent[]): Promise<void> {
  for (const event of events) EventSchemas.parse(structuredClone(event));
  const asReceived = events.map((event) => EventSchemas.parse(event) as BaseEvent);
  await lastValueFrom(from(asReceived).pipe(verifyEvents(false), toArray()));
}

/** The text of a run's messages, by message. */
export function textOf(events: readonly AgentEvent[]): string {
  return events.map((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? event.delta : '')).join('');
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(Object.freeze(value)).forEach(freeze);
  }
  return value;
}
