import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LambdaResponseStream } from '../stream-handler';

/** Lambda's side of a response stream: what a handler writes becomes the HTTP response of the function URL. */
export interface UrlResponse {
  readonly stream: LambdaResponseStream;
  /** Resolves when the handler has ended its stream and the reader has the last byte, or has gone. */
  readonly finished: Promise<void>;
  /** The invocation failed: an unfinished response is ended as AWS does, without a word of the error. */
  fail(): void;
  /** The function's time is up: the response is cut off, and what the handler does with the stream from now on has no effect. */
  cut(): void;
}

const INTEGRATION = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);
/** API Gateway's documented bound for the metadata; a function URL is not known to allow more. */
const MAX_PRELUDE_BYTES = 16_384;
/** What the URL keeps for itself, and renames when a handler sends it. */
const remapped =
  /^(connection|content-length|date|keep-alive|server|trailer|transfer-encoding|upgrade)$/i;

/**
 * A reader that goes away is not told to the handler, as on AWS: what it writes is thrown away and it runs to its end.
 */
export function createUrlResponse(response: ServerResponse): UrlResponse {
  const emitter = new EventEmitter();
  let contentType: string | undefined;
  let head: Buffer | undefined = Buffer.alloc(0);
  let wrote = false;
  let ended = false;
  let finished = false;
  let left = false;
  /** The real process would be gone: nothing may reach the handler, not even an error. */
  let dead = false;
  response.on('close', () => {
    left = true;
    emitter.emit('drain');
  });
  response.on('drain', () => emitter.emit('drain'));
  emitter.on('error', () => undefined);

  const sendError = (): void => {
    head = undefined;
    if (left || response.headersSent) return;
    response.writeHead(502, { 'content-type': 'application/json' });
    response.end('{"message":"Internal Server Error"}');
    left = true;
  };
  const forward = (bytes: Uint8Array): boolean =>
    left || bytes.length === 0 || response.write(bytes);

  const write = (chunk: string | Uint8Array): boolean => {
    if (dead) return true;
    if (chunk === null) throw new TypeError("Cannot read properties of null (reading 'length')");
    if (ended) {
      // The real runtime's process ends here.
      throw new Error('write after end');
    }
    wrote = true;
    const bytes = Buffer.from(chunk);
    if (head === undefined) return forward(bytes);
    if (contentType !== INTEGRATION) {
      head = undefined;
      sendHead(response, {
        statusCode: 200,
        headers: { 'content-type': contentType ?? 'application/octet-stream' },
      });
      return forward(bytes);
    }
    head = Buffer.concat([head, bytes]);
    const at = head.indexOf(DELIMITER);
    if (at === -1) {
      if (head.length > MAX_PRELUDE_BYTES) sendError();
      return true;
    }
    const rest = head.subarray(at + DELIMITER.length);
    const prelude = parsePrelude(head.toString('utf8', 0, at));
    head = undefined;
    try {
      if (prelude === undefined) sendError();
      else sendHead(response, prelude);
    } catch {
      // A status or a header that no response can have is the URL's to refuse: the stream takes any bytes.
      sendError();
    }
    return forward(rest);
  };
  const over = new Promise<void>((resolve) => emitter.once('finish', resolve));
  const finish = (): void => {
    if (finished) return;
    finished = true;
    emitter.emit('finish');
    emitter.emit('close');
  };
  const end = (chunk?: string | Uint8Array): void => {
    if (ended) return;
    if (chunk !== undefined) write(chunk);
    ended = true;
    if (!wrote) sendHead(response, { statusCode: 200, headers: {} });
    else if (head !== undefined) sendError();
    if (left) setImmediate(finish);
    else response.end(finish);
    response.once('close', finish);
  };

  const stream = {
    write,
    end,
    setContentType: (value: string): void => {
      if (wrote && !dead) throw new Error('Cannot set content-type, too late.');
      contentType = value;
    },
    on: (event: string, listener: () => void) => emitter.on(event, listener),
    once: (event: string, listener: () => void) => emitter.once(event, listener),
    off: (event: string, listener: () => void) => emitter.off(event, listener),
    get writableNeedDrain() {
      return !left && response.writableNeedDrain;
    },
    get writableEnded() {
      return ended;
    },
    get writableFinished() {
      return finished;
    },
    destroyed: false,
  };
  const fail = (): void => {
    if (!wrote) sendError();
    else if (!ended) end();
  };
  return {
    stream,
    finished: over,
    fail,
    cut: () => {
      fail();
      dead = true;
    },
  };
}

interface Prelude {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly multiValueHeaders?: Record<string, string[]>;
  readonly cookies?: readonly string[];
}

function parsePrelude(text: string): Prelude | undefined {
  try {
    const prelude: Prelude = JSON.parse(text);
    // Renamed headers are the URL's own: it refuses a handler that sends them.
    const names = Object.keys(prelude.headers ?? {});
    return names.some((name) => /^x-amzn-remapped-/i.test(name)) ? undefined : prelude;
  } catch {
    return undefined;
  }
}

function sendHead(response: ServerResponse, prelude: Prelude): void {
  if (response.headersSent || response.destroyed) return;
  const headers = { ...prelude.headers, ...prelude.multiValueHeaders };
  for (const [name, value] of Object.entries(headers)) {
    if (remapped.test(name)) response.setHeader(`x-amzn-remapped-${name.toLowerCase()}`, value);
    // Appended, so that a CORS header which handler and URL both set is sent twice, as on AWS.
    else response.appendHeader(name, value);
    if (/^www-authenticate$/i.test(name))
      response.setHeader('x-amzn-remapped-www-authenticate', value);
  }
  if (prelude.cookies?.length) response.appendHeader('set-cookie', [...prelude.cookies]);
  response.writeHead(prelude.statusCode ?? 200);
  response.flushHeaders();
}
