import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { checkOptions, isObject, numberWithin, type OptionRule, text } from '../check-options';
import { systemClock } from '../clock';
import { given } from '../given';
import type { LambdaContext, LambdaResponseStream } from '../stream-handler';
import { applyCors, URL_CORS_RULES, type UrlCors } from './url-cors';
import { toUrlEvent } from './url-event';
import { createUrlResponse } from './url-response';

export interface FunctionUrlOptions {
  /** Port to listen on, 0 to 65 535; 0 takes a free one. Default: 0. */
  readonly port?: number;
  /** Address to listen on. Default: `127.0.0.1`, which only this machine reaches. */
  readonly host?: string;
  /** The URL's CORS setting. With it the URL answers preflights itself. Default: none, `OPTIONS` reaches the handler. */
  readonly cors?: UrlCors;
  /** The function's timeout, milliseconds, 1 to 900 000; default 30 000. After it the response is cut off. */
  readonly timeoutMs?: number;
}

export interface FunctionUrl {
  /** Ends with `/`. */
  readonly url: string;
  /** Stops listening and lets running invocations end for up to `graceMs` (default 1 000) before their connections are cut. */
  close(graceMs?: number): Promise<void>;
}

/** Any handler that is tagged for response streaming: by `streamHandler`, or by `awslambda.streamifyResponse`. */
export type FunctionUrlHandler = (
  event: unknown,
  responseStream: LambdaResponseStream,
  context: LocalContext,
) => Promise<unknown>;

/** What the Lambda context of an invocation on this machine holds. */
export interface LocalContext extends LambdaContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

const MAX_BODY_BYTES = 6 * 1_024 * 1_024;
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');
const ACTION = 'Cannot start function URL';
const RULES: Readonly<Record<string, OptionRule>> = {
  port: numberWithin(0, 65_535),
  host: text('a host name or address', /./),
  cors: ['an object', isObject],
  timeoutMs: numberWithin(1, 900_000),
};

/**
 * Starts a function URL for a streaming handler on this machine, in this process.
 *
 * It does what a function URL with InvokeMode RESPONSE_STREAM does: payload 2.0 events, base64 bodies for binary content
 * types, 413 above 6 MB, the prelude as status and headers, every write delivered as it comes, CORS answered by the URL,
 * hop-by-hop headers renamed, a reader's leaving not told to the handler, and a failed or timed out invocation ended
 * without a word. A handler that returns before it ended its stream has until the timeout to do so. One that timed out is not
 * stopped, as no code can be, but its stream is nobody's.
 *
 * It differs in this: no IAM, no bandwidth limit, many invocations at once in one process, no process that dies, and
 * `www-authenticate` is sent as it is beside the `x-amzn-remapped-www-authenticate` that AWS makes of it.
 *
 * @throws TypeError, RangeError when the handler is not tagged for response streaming or an option is wrong; rejects with the
 * system's error (`EADDRINUSE`) when the port cannot be had.
 *
 * @example
 * ```ts
 * import { streamHandler } from '@magi/lambda-stream';
 * import { startFunctionUrl } from '@magi/lambda-stream/local';
 *
 * const handler = streamHandler(async function* () { yield 'Hello'; }, { authorize: null });
 * const { url, close } = await startFunctionUrl(handler, { port: 8787 });
 * ```
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export async function startFunctionUrl(
  handler: FunctionUrlHandler,
  options: FunctionUrlOptions = {},
): Promise<FunctionUrl> {
  if (Object(handler)[STREAMING] !== 'response') {
    throw new TypeError('The handler must be a streaming handler: make it with streamHandler');
  }
  checkOptions(ACTION, given(options), RULES);
  const { port = 0, host = '127.0.0.1', cors, timeoutMs = 30_000 } = options;
  if (cors) {
    const members = { ...given(cors), allowOrigins: cors.allowOrigins };
    checkOptions(ACTION, members, URL_CORS_RULES, 'cors.');
  }

  const running = new Set<Promise<void>>();
  const server = createServer((request, response) => {
    if (cors && applyCors(cors, request, response)) return;
    const invocation = answer(handler, request, response, timeoutMs);
    running.add(invocation);
    void invocation.finally(() => running.delete(invocation));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const actualPort = typeof address === 'object' && address ? address.port : port;
  const authority = host.includes(':') ? `[${host}]` : host;

  return {
    url: `http://${authority}:${actualPort}/`,
    close: async (graceMs = 1_000) => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const timer = systemClock.setTimeout(() => server.closeAllConnections(), graceMs);
      await Promise.race([Promise.all(running), closed]);
      server.closeAllConnections();
      systemClock.clearTimeout(timer);
      await closed;
    },
  };
}

async function answer(
  handler: FunctionUrlHandler,
  request: IncomingMessage,
  response: ServerResponse,
  timeoutMs: number,
): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
    response.end(
      '{"Message":"Request must be smaller than 6291456 bytes for the InvokeFunction operation"}',
    );
    return;
  }
  const event = toUrlEvent(request, body);
  response.setHeader('x-amzn-requestid', event.requestContext.requestId);
  const endsAt = performance.now() + timeoutMs;
  const context = createContext(event.requestContext.requestId, () => endsAt - performance.now());
  const lambda = createUrlResponse(response);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timedOut = new Promise<true>((resolve) => {
    timer = setTimeout(() => resolve(true), timeoutMs);
    // It must not keep a process that has closed the URL.
    timer.unref();
  });
  const invoke = async (): Promise<false> => {
    const result: unknown = handler(event, lambda.stream, context);
    if (typeof Object(result).then !== 'function') {
      throw new Error('Streaming does not support non-async handlers.');
    }
    await result;
    // The runtime waits for the end of the response too, which may never come.
    await lambda.finished;
    return false;
  };
  try {
    if (await Promise.race([invoke(), timedOut])) {
      console.error(`Task timed out after ${timeoutMs / 1_000} seconds`);
      lambda.cut();
    }
  } catch (error) {
    console.error('Invoke Error', error);
    lambda.fail();
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    }
  } catch {
    // The reader left in the middle of its request: there is nobody to answer.
    return undefined;
  }
  return bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}

function createContext(awsRequestId: string, getRemainingTimeInMillis: () => number): LocalContext {
  return {
    awsRequestId,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:local',
    memoryLimitInMB: '1024',
    logGroupName: '/aws/lambda/local',
    logStreamName: `local/[$LATEST]${randomUUID()}`,
    getRemainingTimeInMillis,
  };
}
