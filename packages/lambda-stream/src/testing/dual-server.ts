import { createServer as createHttp1Server } from 'node:http';
import type { Http2Session } from 'node:http2';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import type { Exchange } from './exchange';
import { createExchange } from './exchange';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export interface DualServer {
  readonly port: number;
  /** Ends every connection, including those in use, and stops listening. */
  close(): Promise<void>;
}

/**
 * Listens on one TCP port and speaks both HTTP/1.1 and cleartext HTTP/2 on it.
 *
 * A connection that opens with the HTTP/2 preface is HTTP/2, any other is HTTP/1.1.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#section-3.4
 */
export async function startDualServer(
  listen: { host: string; port: number },
  onExchange: (exchange: Exchange) => void,
): Promise<DualServer> {
  const sockets = new Set<Socket>();
  const socketOfSession = new WeakMap<Http2Session, Socket>();
  let connecting: Socket | undefined;

  const http1 = createHttp1Server((request, response) => {
    onExchange(createExchange(request, response, request.socket));
  });
  const http2 = createHttp2Server((request, response) => {
    const { session } = request.stream;
    const socket = session === undefined ? undefined : socketOfSession.get(session);
    if (socket !== undefined) onExchange(createExchange(request, response, socket));
  });
  // A session's own `socket` is a proxy that cannot reset the connection, so the real one is remembered.
  http2.on('session', (session) => {
    if (connecting !== undefined) socketOfSession.set(session, connecting);
  });
  http2.on('sessionError', ignoreConnectionError);
  http1.on('clientError', ignoreConnectionError);

  const tcp = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', ignoreConnectionError);
    sniffPreface(socket, (isHttp2) => {
      connecting = socket;
      (isHttp2 ? http2 : http1).emit('connection', socket);
      connecting = undefined;
      // HTTP/2 reads the bytes that were put back by itself; HTTP/1.1 waits for the socket to flow.
      if (!isHttp2) socket.resume();
    });
  });

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(listen.port, listen.host, () => {
      tcp.off('error', reject);
      resolve();
    });
  });

  return {
    port: (tcp.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Reads as few bytes as tell the two protocols apart and puts them back. */
function sniffPreface(socket: Socket, decide: (isHttp2: boolean) => void): void {
  let head = Buffer.alloc(0);
  const onData = (bytes: Buffer): void => {
    head = Buffer.concat([head, bytes]);
    const length = Math.min(head.length, PREFACE.length);
    const matches = head.subarray(0, length).equals(PREFACE.subarray(0, length));
    if (matches && length < PREFACE.length) return;
    socket.off('data', onData);
    socket.pause();
    socket.unshift(head);
    decide(matches);
  };
  socket.on('data', onData);
}

/** A client that goes away is an ordinary event here: the exchange it was in reports it by its signal. */
function ignoreConnectionError(): void {
  return;
}
