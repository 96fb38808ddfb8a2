import type { AgentEvent } from '@magi/stream-protocol';
import { eventStream, frame } from './frames';
import { startServer, type TestServer } from './sse-server';

export interface RunStoreServer extends TestServer {
  /** How many runs were started. */
  readonly posts: () => number;
  readonly deleted: string[];
}

export interface RunStoreOptions {
  readonly events: readonly AgentEvent[];
  /** Called for each connection: after how many events it is dropped. `undefined` lets it go to the end. */
  cutAfter(connection: number): number | undefined;
  /** Replays this many events that the client has already had. */
  readonly overlap?: number;
  readonly retryMs?: number;
}

/**
 * The server half of resumable runs: each frame has an id; `GET ?runId=` with `Last-Event-ID` replays what follows; 204 when there
 * is nothing; `DELETE ?runId=` cancels.
 */
export async function startRunStoreServer(options: RunStoreOptions): Promise<RunStoreServer> {
  const { events, overlap = 0 } = options;
  const runs = new Set<string>();
  const deleted: string[] = [];
  let connections = 0;
  const server = await startServer((request, response, body) => {
    const runId = new URL(request.url ?? '', 'http://localhost').searchParams.get('runId') ?? '';
    if (request.method === 'DELETE') {
      deleted.push(runId);
      return response.writeHead(204).end();
    }
    if (request.method === 'POST') runs.add(JSON.parse(body).runId);
    const after = Number(request.headers['last-event-id'] ?? 0);
    if (request.method === 'GET' && (!runs.has(runId) || after >= events.length)) {
      return response.writeHead(204).end();
    }
    response.writeHead(200, eventStream);
    if (options.retryMs !== undefined) response.write(`retry: ${options.retryMs}\n\n`);
    const first = Math.max(0, after - overlap);
    const count = options.cutAfter(++connections) ?? events.length;
    for (const [i, event] of events.slice(first, first + count).entries()) {
      response.write(frame(event, first + i + 1));
    }
    if (first + count >= events.length) return response.end();
    // Let what was written leave before the connection is torn down.
    return setTimeout(() => response.destroy(), 5);
  });
  return {
    ...server,
    deleted,
    posts: () => server.requests.filter(({ method }) => method === 'POST').length,
  };
}
