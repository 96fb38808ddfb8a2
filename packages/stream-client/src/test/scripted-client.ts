import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';
import { type AgentClient, createAgentClient } from '../agent-client';
import { eventStream, frame } from './frames';

export interface ScriptedRun {
  readonly method: string;
  readonly url: string;
  readonly input: RunAgentInput;
  readonly headers: Record<string, string>;
  /** Sends events as one network chunk, and waits until the client has had its turn. */
  send(...events: AgentEvent[]): Promise<void>;
  /** The same with an id on each, counting from `firstId`. */
  sendFrom(firstId: number, ...events: AgentEvent[]): Promise<void>;
  /** Sends and ends the response. */
  finish(...events: AgentEvent[]): Promise<void>;
  /** Breaks the connection. */
  cut(): Promise<void>;
  readonly aborted: boolean;
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A real client whose `fetch` is played by the test. */
export function scriptedClient(): { client: AgentClient; runs: ScriptedRun[] } {
  const runs: ScriptedRun[] = [];
  const encoder = new TextEncoder();
  const fetch = async (url: unknown, init: RequestInit = {}) => {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(started) {
        controller = started;
      },
    });
    let aborted = false;
    init.signal?.addEventListener('abort', () => {
      aborted = true;
      try {
        controller?.error(init.signal?.reason);
      } catch {
        // It was closed before.
      }
    });
    const push = async (text: string) => {
      if (!aborted) controller?.enqueue(encoder.encode(text));
      await turn();
      await turn();
    };
    runs.push({
      method: init.method ?? 'GET',
      url: String(url),
      input: JSON.parse(String(init.body ?? '{}')),
      headers: init.headers as Record<string, string>,
      send: (...events) => push(events.map((event) => frame(event)).join('')),
      sendFrom: (firstId, ...events) =>
        push(events.map((event, i) => frame(event, firstId + i)).join('')),
      async finish(...events) {
        await push(events.map((event) => frame(event)).join(''));
        if (!aborted) controller?.close();
        await turn();
      },
      async cut() {
        controller?.error(new TypeError('terminated'));
        await turn();
        await turn();
      },
      get aborted() {
        return aborted;
      },
    });
    return new Response(body, { headers: eventStream });
  };
  const client = createAgentClient({
    url: 'https://agent.example/',
    fetch: fetch as typeof globalThis.fetch,
    reconnect: { maxAttempts: 0 },
  });
  return { client, runs };
}
