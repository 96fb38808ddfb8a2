import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunAgentInput } from '@magi/stream-protocol';
import type { EngineOptions } from './engine-options';
import { resolveOptions } from './engine-options';
import type { HttpHeaders, HttpRequest, ResponseSink } from './http-exchange';
import { joinHeaders } from './join-headers';
import { readBodyBytes } from './read-body';
import type { Run } from './run-request';
import { serveRequest } from './serve-request';
import { HOST_RULES, type HostOptions, timeLimit } from './time-limit';
import { createWritableSink } from './writable-sink';

export type NodeHandlerOptions<TInput, TPrincipal> = EngineOptions<TInput, TPrincipal> &
  HostOptions;

/**
 * Makes a `node:http` request listener over the engine of `streamHandler`: for a server of your own, Express, Lambda Web
 * Functions, or an AgentCore container. The bodies are byte for byte those of the Lambda handler.
 *
 * A reader that goes away aborts the run. The listener's promise never rejects.
 *
 * @throws TypeError, RangeError for an unknown option or a wrong value.
 *
 * @example An AgentCore Runtime container that speaks AG-UI
 * ```ts
 * import { createServer } from 'node:http';
 * import { nodeHandler } from '@magi/lambda-stream';
 *
 * const options = { authorize: null, path: '/invocations', healthPath: '/ping' };
 * createServer(nodeHandler(async function* () { yield 'Hello'; }, options)).listen(8080, '0.0.0.0');
 * ```
 * @see https://nodejs.org/api/http.html#event-request
 * @see https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-agui-protocol-contract.html
 */
export function nodeHandler<TInput = RunAgentInput, TPrincipal = undefined>(
  run: Run<TInput, TPrincipal>,
  options: NodeHandlerOptions<TInput, TPrincipal>,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const resolved = resolveOptions(run, options, HOST_RULES);
  const limit = timeLimit(options.timeoutMs, resolved.clock);
  return async (request, response) => {
    try {
      const sink = createNodeSink(response);
      await serveRequest(readNodeRequest(request, limit()), sink, run, resolved);
    } catch (error) {
      // Nobody awaits a request listener: a rejection would end the process.
      resolved.report(error, { code: 'ERR_REQUEST' });
      response.destroy();
    }
  };
}

function readNodeRequest(request: IncomingMessage, remainingTimeMs: () => number): HttpRequest {
  const headers = joinHeaders(
    Object.entries(request.headers).map(([name, value]) => {
      const sent = request.headersDistinct?.[name];
      // Node keeps the first of some; what is not even that was set by a middleware, and counts.
      return [name, sent?.[0] === value ? sent : value];
    }),
  );
  return {
    method: request.method ?? '',
    path: (request.url ?? '/').replace(/[?#].*/s, ''),
    headers,
    event: undefined,
    routed: true,
    // Giving up on a body must leave the connection for the answer.
    readBody: (maxBytes) =>
      readBodyBytes(
        request.iterator({ destroyOnReturn: false }),
        headers['content-length'],
        maxBytes,
      ),
    remainingTimeMs,
  };
}

function createNodeSink(response: ServerResponse): ResponseSink {
  const sink = createWritableSink(response);
  return Object.assign(sink, {
    begin: (status: number, headers: HttpHeaders, text: string) => {
      if (sink.gone) return true;
      response.writeHead(status, headers);
      return sink.write(text);
    },
  });
}
