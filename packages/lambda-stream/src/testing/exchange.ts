import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';

/** How a response is broken off: FIN, TCP RST, or (HTTP/2 only) a stream reset with an error code. */
export type CutKind = 'close' | 'reset' | { readonly http2Code: number };

/** One request and its response, the same for HTTP/1.1 and HTTP/2. */
export interface Exchange {
  readonly method: string;
  /** Path and query as sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly httpVersion: '1.1' | '2.0';
  /** Aborts when the client goes away before the response has ended. */
  readonly signal: AbortSignal;
  /** Bytes of the response body that the transport has accepted. */
  readonly bytesWritten: number;
  /** Resolves when the response is over, whoever ended it. */
  readonly closed: Promise<void>;
  readBody(): Promise<Uint8Array>;
  start(status: number, headers: Record<string, string>): void;
  /** Resolves when the transport wants more; rejects with the signal's reason when the client has gone. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when every byte written so far has been handed to the operating system. */
  flushed(): Promise<void>;
  end(): Promise<void>;
  cut(kind: CutKind): void;
}

export function createExchange(
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
  socket: Socket,
): Exchange {
  const isHttp2 = request.httpVersionMajor === 2;
  const controller = new AbortController();
  const { signal } = controller;
  let bytesWritten = 0;
  let ended = false;
  let lastWrite = Promise.resolve();

  const closed = new Promise<void>((resolve) => {
    response.once('close', () => {
      if (!ended) controller.abort(new Error('The client closed the connection'));
      resolve();
    });
  });
  request.on('error', () => response.destroy());
  response.on('error', () => undefined);

  const wanted = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        response.off('drain', settle);
        response.off('close', settle);
        if (signal.aborted) reject(signal.reason);
        else resolve();
      };
      response.on('drain', settle);
      response.on('close', settle);
    });

  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    headers: flatten(request.headers),
    httpVersion: isHttp2 ? '2.0' : '1.1',
    signal,
    closed,
    get bytesWritten() {
      return bytesWritten;
    },
    async readBody() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      return Buffer.concat(chunks);
    },
    start(status, headers) {
      response.writeHead(status, headers);
      // The headers leave before the first frame, as a service's do.
      (response as ServerResponse).flushHeaders();
    },
    async write(bytes) {
      if (signal.aborted) throw signal.reason;
      bytesWritten += bytes.byteLength;
      let hasRoom = true;
      lastWrite = new Promise((resolve) => {
        // The two classes declare `write` differently; both take bytes and return whether there is room.
        hasRoom = (response as ServerResponse).write(bytes, () => resolve());
      });
      if (!hasRoom) await wanted();
    },
    async flushed() {
      await Promise.race([lastWrite, closed]);
    },
    async end() {
      if (signal.aborted) return;
      ended = true;
      response.end();
      await closed;
    },
    cut(kind) {
      if (typeof kind === 'object') {
        if ('stream' in response) response.stream?.close(kind.http2Code);
        else socket.destroy();
      } else if (kind === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    },
  };
}

function flatten(headers: IncomingMessage['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && typeof name === 'string') {
      flat[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
  return flat;
}
