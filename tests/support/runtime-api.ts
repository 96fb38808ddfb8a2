import { createServer, type Socket } from 'node:net';
import { type InvocationResult, readFailure, splitPrelude } from './invocation-result';
import { controlReader, type Reader, type ReaderControl } from './reader';
import { createRequestParser, type RequestHead } from './request-parser';

export interface InvokeOptions {
  /** How the response is read. Default: as fast as it comes. */
  reader?: Reader;
  /** The function's timeout: sets the deadline that the handler sees. Default: 30 000 ms. */
  timeoutMs?: number;
  /** How long to wait for the response before giving up on the runtime. Default: `timeoutMs` and 5 s more. */
  waitMs?: number;
}

/** A Lambda Runtime API on this machine that serves one runtime process, one invocation at a time. */
export interface RuntimeApi {
  /** The value of `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  invoke(event: unknown, options?: InvokeOptions): Promise<InvocationResult>;
  /** Resolves when the runtime asks for an invocation; rejects with the error that it posted instead. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

interface Pending {
  id: string;
  event: string;
  options: InvokeOptions;
  settle(ending: InvocationResult['ending']): void;
  record: {
    contentType?: string;
    chunks: Buffer[];
    wireBytes: number;
    reads: number;
    trailers: Record<string, string>;
    deliveredAt: number;
    firstChunkAt?: number;
  };
}

const invocationPath = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/;

/** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const sockets = new Set<Socket>();
  const queue: Pending[] = [];
  const running = new Map<string, Pending>();
  let poller: Socket | undefined;
  let initError: Error | undefined;
  let nextId = 0;
  const waiters: { resolve(): void; reject(error: Error): void }[] = [];

  const reply = (socket: Socket, status: string, headers: Record<string, string>, body: string) => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`HTTP/1.1 ${status}\r\n${lines.join('')}${length}\r\n${body}`);
  };

  const deliver = (): void => {
    const socket = poller;
    const pending = socket === undefined ? undefined : queue.shift();
    if (socket === undefined || pending === undefined) return;
    poller = undefined;
    running.set(pending.id, pending);
    pending.record.deliveredAt = performance.now();
    const headers = {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': pending.id,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + (pending.options.timeoutMs ?? 30_000)),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:us-east-1:123456789012:function:agent',
      'Lambda-Runtime-Trace-Id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
    };
    reply(socket, '200 OK', headers, pending.event);
  };

  const serve = (socket: Socket): void => {
    sockets.add(socket);
    let head: RequestHead | undefined;
    let current: Pending | undefined;
    let control: ReaderControl | undefined;
    let answered = false;
    let received = 0;
    /** Size of the network read that a response's head came in. */
    let startedIn = 0;
    let body: Buffer[] = [];

    const count = ({ record }: Pending, bytes: number): void => {
      record.reads += 1;
      record.wireBytes += bytes;
    };
    const accept = (): void => reply(socket, '202 Accepted', {}, '{"status":"OK"}');
    const answerEarly = (status: number, close: boolean): void => {
      answered = true;
      reply(
        socket,
        `${status} Early`,
        close ? { Connection: 'close' } : {},
        '{"errorType":"early"}',
      );
      if (close) socket.end();
    };

    const parser = createRequestParser({
      onHead(next) {
        head = next;
        body = [];
        const [, id, what] = invocationPath.exec(next.path) ?? [];
        current = id === undefined ? undefined : running.get(id);
        if (current === undefined || what !== 'response') return;
        current.record.contentType = next.headers['content-type'] ?? '';
        count(current, startedIn);
        answered = false;
        received = startedIn;
        control = controlReader(current.options.reader ?? { kind: 'normal' }, socket, answerEarly);
      },
      onChunk(chunk) {
        if (current === undefined || control === undefined) {
          body.push(chunk);
          return;
        }
        current.record.firstChunkAt ??= performance.now();
        current.record.chunks.push(chunk);
      },
      onEnd(trailers) {
        if (head?.path.endsWith('/invocation/next')) {
          poller = socket;
          for (const waiter of waiters.splice(0)) waiter.resolve();
          deliver();
          return;
        }
        if (head?.path.endsWith('/init/error')) {
          initError = new Error(`The runtime failed to start: ${Buffer.concat(body)}`);
          for (const waiter of waiters.splice(0)) waiter.reject(initError);
          accept();
          return;
        }
        if (!answered) accept();
        if (current !== undefined) current.record.trailers = trailers;
        current?.settle(control === undefined ? 'error-posted' : 'complete');
        control?.stop();
        control = undefined;
        current = undefined;
      },
    });

    socket.on('data', (bytes) => {
      received += bytes.length;
      // Counted before they are parsed, since parsing may settle the invocation.
      if (current === undefined) startedIn = bytes.length;
      else count(current, bytes.length);
      parser.push(bytes);
      control?.onRead(received, bytes.length);
    });
    // A reset is one of the behaviours under test: the close that follows is what settles the invocation.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      if (poller === socket) poller = undefined;
      control?.stop();
      current?.settle('cut');
    });
  };

  const server = createServer({ noDelay: true, allowHalfOpen: true }, serve);
  server.on('connection', (socket) => socket.on('end', () => socket.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port');

  return {
    address: `127.0.0.1:${bound.port}`,
    ready: () =>
      new Promise((resolve, reject) => {
        if (initError !== undefined) reject(initError);
        else if (poller !== undefined) resolve();
        else waiters.push({ resolve, reject });
      }),
    invoke: (event, options = {}) =>
      new Promise((resolve) => {
        nextId += 1;
        const id = `request-${nextId}`;
        const record: Pending['record'] = {
          chunks: [],
          wireBytes: 0,
          reads: 0,
          trailers: {},
          deliveredAt: performance.now(),
        };
        const settle = (ending: InvocationResult['ending']): void => {
          clearTimeout(timer);
          if (!running.delete(id) && !queue.includes(pending)) return;
          const endedAt = performance.now();
          const payload = Buffer.concat(record.chunks);
          const { prelude, body } = splitPrelude(payload, record.contentType);
          resolve({
            requestId: id,
            ending,
            contentType: record.contentType,
            prelude,
            body,
            text: body.toString('utf8'),
            chunks: record.chunks.length,
            payloadBytes: payload.length,
            wireBytes: record.wireBytes,
            reads: record.reads,
            trailers: record.trailers,
            failure: readFailure(record.trailers),
            firstChunkMs:
              record.firstChunkAt === undefined
                ? undefined
                : record.firstChunkAt - record.deliveredAt,
            wallMs: endedAt - record.deliveredAt,
          });
        };
        const waitMs = options.waitMs ?? (options.timeoutMs ?? 30_000) + 5000;
        const timer = setTimeout(() => settle('timed-out'), waitMs);
        const pending: Pending = { id, event: JSON.stringify(event), options, settle, record };
        queue.push(pending);
        deliver();
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
