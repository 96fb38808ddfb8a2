import { admitRequest, EVENT_STREAM } from './admit-request';
import type { ResolvedOptions } from './engine-options';
import { executeRun, OPENING } from './execute-run';
import type { HttpRequest, ResponseSink } from './http-exchange';
import { problem } from './problem';
import type { RunFailedError } from './run-failure';
import type { Run } from './run-request';

/** From request to last byte, whatever the door. Never rejects; resolves to the run's failure, if it failed. */
export async function serveRequest<TInput, TPrincipal>(
  request: HttpRequest,
  sink: ResponseSink,
  run: Run<TInput, TPrincipal>,
  options: ResolvedOptions<TInput, TPrincipal>,
): Promise<RunFailedError | undefined> {
  const startedAt = options.clock.now();
  const admitted = await admitRequest(request, options).catch((error: unknown) => {
    // A reader that left in the middle of its body is no failure of ours.
    if (!sink.gone) options.report(error, { code: 'ERR_REQUEST' });
    return problem(500);
  });
  const preflight = request.method === 'OPTIONS';
  const cors = options.cors?.(request.headers.origin, preflight);
  if ('status' in admitted) {
    const { status, headers, body } = admitted;
    const answer = request.method === 'HEAD' ? '' : body;
    sink.begin(status, { ...headers, ...cors }, answer);
    await sink.end(false);
    return undefined;
  }
  const headers = {
    'content-type': EVENT_STREAM,
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...options.wireFormat?.headers,
    ...cors,
  };
  sink.begin(200, headers, OPENING);
  return executeRun(run, { ...admitted, startedAt }, request, sink, options);
}
