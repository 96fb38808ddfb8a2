import type { RunErrorEvent } from '@magi/stream-protocol';
import type { Admitted } from './admit-request';
import { AgentStreamError } from './agent-stream-error';
import { onDeadline } from './deadline-signal';
import type { ResolvedOptions } from './engine-options';
import { createEventWriter } from './event-writer';
import type { HttpRequest, ResponseSink } from './http-exchange';
import { startKeepAlive } from './keep-alive';
import { RunFailedError, toRunError } from './run-failure';
import type { RunStats } from './run-observer';
import { createRunOutput } from './run-output';
import type { Run, RunItem } from './run-request';
import { createRunSource } from './run-source';
import { watchRun } from './watch-run';
import { within } from './within';

/** What every accepted response begins with, so that its first byte does not wait for the agent. */
export const OPENING = ': open\n\n';
const GONE = 'CLIENT_DISCONNECTED';
/** How long a stopped source may take to clean up, and `onRunEnd` to finish, before they are left behind. Milliseconds. */
const PATIENCE_MS = { close: 1_000, onEnd: 2_000 };

/**
 * Runs an admitted request into a sink that has begun, up to exactly one terminal event unless the reader goes away.
 * Never rejects; resolves to the failure, if the run failed.
 */
export async function executeRun<TInput, TPrincipal>(
  run: Run<TInput, TPrincipal>,
  admitted: Admitted<TInput, TPrincipal> & { readonly startedAt: number },
  request: HttpRequest,
  sink: ResponseSink,
  options: ResolvedOptions<TInput, TPrincipal>,
): Promise<RunFailedError | undefined> {
  const { input, principal, threadId, runId, startedAt } = admitted;
  const { clock, keepAliveMs, deadlineMarginMs, pace, wireFormat } = options;
  const { headers } = request;
  const remainingTimeMs = (): number => request.remainingTimeMs();
  const report = (error: unknown, code: string): void => options.report(error, { code, runId });

  let failure: { readonly error: unknown; readonly code: string } | undefined;
  let ended = false;
  let settle: () => void;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const elapsedMs = (): number => clock.now() - startedAt;
  const firstByteMs = elapsedMs();
  let keepAlives = 0;
  // The response must be on its way before anything, the agent first of all, keeps the event loop busy.
  await new Promise(setImmediate);
  const controller = new AbortController();
  const info = { threadId, runId, headers, startedAtMs: Date.now() };
  const watch = watchRun(options.observers, info, report);
  const writer = createEventWriter(sink, () => alive?.touch());
  const alive =
    keepAliveMs === null
      ? undefined
      : startKeepAlive({ intervalMs: keepAliveMs, clock, send: sendKeepAlive });
  const output = createRunOutput({
    run: admitted,
    pace,
    wireFormat,
    writer,
    elapsedMs,
    onEvent: watch.onEvent,
    onError: (error) => fail(invalidEvent(error)),
  });
  const source = createRunSource(
    () => run({ input, principal, headers, remainingTimeMs, signal: controller.signal }),
    { take, isBehind: writer.isBehind, catchUp: writer.catchUp },
  );

  function sendKeepAlive(): void {
    // A reader that is behind has bytes to read: it needs no sign of life.
    if (writer.isBehind()) return;
    keepAlives++;
    writer.push(': keep-alive\n\n');
  }

  function take(item: RunItem): boolean {
    // A source may answer its abort signal with another item, before it is closed.
    if (ended) return false;
    try {
      const theirs = output.take(item);
      if (theirs !== undefined) fail(new Error('The source sent RUN_ERROR'), theirs);
    } catch (error) {
      fail(invalidEvent(error));
    }
    return !ended;
  }

  function finish(): void {
    if (ended) return;
    output.finish();
    ended = true;
    settle();
  }

  function fail(error: unknown, theirs?: RunErrorEvent): void {
    if (ended) return;
    ended = true;
    const terminal = theirs ?? toRunError(error);
    failure = { error, code: terminal.code ?? 'RUN_ERROR' };
    try {
      output.fail(terminal);
    } catch (cause) {
      report(cause, 'ERR_DELIVERY');
    }
    writer.flush();
    controller.abort(error);
    settle();
  }

  sink.onGone(() => fail(new AgentStreamError('The reader went away', { code: GONE })));
  try {
    if (!ended) output.start();
  } catch (error) {
    fail(invalidEvent(error));
  }
  const disposeDeadline = onDeadline({ remainingTimeMs, marginMs: deadlineMarginMs, clock }, fail);
  if (!ended) watch.wrap(source.pump).then(finish).catch(fail);
  await settled;

  disposeDeadline();
  alive?.stop();
  output.stop();
  writer.flush();
  const close = source.close().catch((error: unknown) => report(error, 'ERR_SOURCE_CLOSE'));
  const [, closed] = await Promise.all([
    within(sink.end(failure !== undefined), remainingTimeMs() - deadlineMarginMs / 4, clock),
    within(close, Math.min(PATIENCE_MS.close, remainingTimeMs() / 2), clock),
  ]);
  if (!closed) report(new Error('The source did not close'), 'ERR_SOURCE_CLOSE');
  if (sink.gone) failure ??= { error: undefined, code: GONE };
  const aborted = failure?.code === GONE;
  if (failure && !aborted) report(failure.error, failure.code);

  const stats: RunStats = {
    threadId,
    runId,
    status: aborted ? 'aborted' : failure ? 'failed' : 'finished',
    ...(failure && { errorCode: failure.code }),
    durationMs: elapsedMs(),
    firstByteMs,
    ...output.stats(),
    bytes: OPENING.length + writer.bytes(),
    keepAlives,
  };
  const told = [
    watch.onEnd(stats, failure?.error),
    (async () => options.onRunEnd?.(stats))().catch((error) => report(error, 'ERR_ON_RUN_END')),
  ];
  await within(Promise.all(told), PATIENCE_MS.onEnd, clock);
  return failure && new RunFailedError(failure.code);
}

function invalidEvent(cause: unknown): AgentStreamError {
  return new AgentStreamError('The agent sent an invalid event', { code: 'INVALID_EVENT', cause });
}
