import type { AgentEvent, RunErrorEvent, TextMessageContentEvent } from '@magi/stream-protocol';
import {
  checkAgentEvent,
  createDowngrade,
  createRunLifecycle,
  PROTOCOL_VERSION,
} from '@magi/stream-protocol';
import type { Admitted } from './admit-request';
import { AgentStreamError } from './agent-stream-error';
import { deadlineSignal } from './deadline-signal';
import { createDeltaEncoder, encodeEvent } from './encode-event';
import type { ResolvedOptions } from './engine-options';
import { createEventWriter } from './event-writer';
import type { HttpRequest, ResponseSink } from './http-exchange';
import { keepAlive } from './keep-alive';
import { isNextDelta, isPlainDelta } from './next-delta';
import { createPacedDelivery } from './paced-delivery';
import { RunFailedError, toRunError } from './run-failure';
import { createRunMeter } from './run-meter';
import type { RunStats } from './run-observer';
import type { Run, RunItem } from './run-request';
import { createRunResult } from './run-result';
import { createRunSource } from './run-source';
import { watchRun } from './watch-run';
import { within } from './within';

/** What every accepted response begins with, so that its first byte does not wait for the agent. */
export const OPENING = ': open\n\n';
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
  const { input, principal, threadId, runId, parentRunId, startedAt } = admitted;
  const { clock, keepAliveMs, deadlineMarginMs } = options;
  const { headers } = request;
  const remainingTimeMs = (): number => request.remainingTimeMs();
  const report = (error: unknown, code: string): void => options.report(error, { code, runId });

  const controller = new AbortController();
  const meter = createRunMeter(clock.now, startedAt);
  const lifecycle = createRunLifecycle();
  const downgrade = createDowngrade(admitted.protocolVersion);
  const encodeDelta = createDeltaEncoder();
  const result = createRunResult();
  const info = { threadId, runId, headers, startedAtMs: Date.now() };
  const watch = watchRun(options.observers, info, report);
  const alive =
    keepAliveMs === null
      ? undefined
      : keepAlive({ intervalMs: keepAliveMs, clock, send: () => sendKeepAlive() });
  const writer = createEventWriter(sink, () => alive?.touch());
  const deadline = deadlineSignal({ remainingTimeMs, marginMs: deadlineMarginMs, clock });
  const paced =
    options.pace &&
    createPacedDelivery(options.pace, {
      deliver,
      isBehind: () => writer.behind,
      catchUp: writer.catchUp,
      fail: (error) => fail(invalidEvent(error)),
    });
  const source = createRunSource(
    () => run({ input, principal, headers, remainingTimeMs, signal: controller.signal }),
    {
      take,
      catchUp: writer.catchUp,
      get behind() {
        return writer.behind;
      },
    },
  );

  let failure: { readonly error: unknown; readonly code: string } | undefined;
  let ended = false;
  let settle: () => void;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  /** Frames of events that are with the pacer; it hands on the same objects, except for text that it joined. */
  const encoded = new WeakMap<AgentEvent, string>();
  let textId: string | undefined;
  let texts = 0;
  /** The last event, when it was a plain text delta that passed every check. */
  let lastDelta: TextMessageContentEvent | undefined;

  function sendKeepAlive(): void {
    // A reader that is behind has bytes to read: it needs no sign of life.
    if (writer.behind) return;
    meter.keepAlives++;
    writer.push(': keep-alive\n\n');
  }

  function deliver(event: AgentEvent): void {
    writer.push(encoded.get(event) ?? encodeEvent(downgrade(event)));
    meter.events++;
  }

  function send(event: AgentEvent): void {
    lifecycle.accept(event);
    lastDelta = isPlainDelta(event) ? event : undefined;
    if (!paced) {
      deliver(event);
      return;
    }
    // What cannot be encoded must be refused now, before anything that comes after it is taken in.
    if (lastDelta === undefined) encoded.set(event, encodeEvent(downgrade(event)));
    paced.push(event);
  }

  function sendNextDelta(event: TextMessageContentEvent): void {
    if (paced) {
      paced.push(event);
      return;
    }
    writer.push(encodeDelta(event));
    meter.events++;
  }

  function take(item: RunItem): boolean {
    try {
      if (typeof item === 'string') takeText(item);
      else if (isNextDelta(lastDelta, item)) note(item, sendNextDelta);
      else takeEvent(item);
    } catch (error) {
      fail(invalidEvent(error));
    }
    return !ended;
  }

  function takeText(delta: string): void {
    // An empty delta says nothing, and clients before 1.0 refuse it.
    if (delta === '') return;
    if (textId === undefined) {
      textId = `${runId}-text-${++texts}`;
      note({ type: 'TEXT_MESSAGE_START', messageId: textId, role: 'assistant' }, send);
    }
    const event: AgentEvent = { type: 'TEXT_MESSAGE_CONTENT', messageId: textId, delta };
    if (isNextDelta(lastDelta, event)) note(event, sendNextDelta);
    else note(event, send);
  }

  function takeEvent(item: AgentEvent): void {
    const event = checkAgentEvent(item);
    if (event === undefined) throw new TypeError(`Unknown event type "${item.type}"`);
    if (textId !== undefined) {
      note({ type: 'TEXT_MESSAGE_END', messageId: textId }, send);
      textId = undefined;
    }
    note(event, absorbOrSend);
  }

  function note<T extends AgentEvent>(event: T, next: (event: T) => void): void {
    watch.onEvent(event);
    meter.take(event);
    next(event);
  }

  /** A whole run inside this one gives up its start and its end: this one has its own. */
  function absorbOrSend(event: AgentEvent): void {
    if (event.type === 'RUN_FINISHED') result.absorb(event);
    else if (event.type === 'RUN_ERROR') {
      result.addUsage(event.usage);
      fail(new Error('The source sent RUN_ERROR'), event);
    } else if (event.type !== 'RUN_STARTED') send(event);
  }

  function finish(): void {
    if (ended) return;
    if (meter.isEmpty) {
      throw new AgentStreamError('The agent gave no answer', { code: 'EMPTY_RUN' });
    }
    if (paced) paced.flush();
    for (const event of lifecycle.closeOpen()) deliver(event);
    deliver({ type: 'RUN_FINISHED', threadId, runId, ...result.ending(), ...result.usage() });
    ended = true;
    settle();
  }

  function fail(error: unknown, terminal: RunErrorEvent = toRunError(error)): void {
    if (ended) return;
    ended = true;
    failure = { error, code: terminal.code ?? 'RUN_ERROR' };
    try {
      // What was produced before the failure is delivered before it.
      if (paced) paced.flush();
    } catch (cause) {
      report(cause, 'ERR_DELIVERY');
    }
    deliver({ ...terminal, ...result.usage() });
    writer.flush();
    controller.abort(error);
    settle();
  }

  sink.onGone(() => fail(readerGone()));
  deadline.signal.addEventListener('abort', () => fail(deadline.signal.reason));
  if (sink.gone) fail(readerGone());
  else {
    const ids = { threadId, runId, ...(parentRunId !== undefined && { parentRunId }) };
    const started: AgentEvent = { type: 'RUN_STARTED', ...ids, protocolVersion: PROTOCOL_VERSION };
    lifecycle.accept(started);
    deliver(started);
    // The response must be on its way before the agent can keep the event loop busy.
    await new Promise(setImmediate);
    watch.wrap(source.pump).then(finish).catch(fail);
  }
  await settled;

  deadline.dispose();
  alive?.stop();
  if (paced) paced.stop();
  writer.flush();
  const close = source.close().catch((error: unknown) => report(error, 'ERR_SOURCE_CLOSE'));
  const [, closed] = await Promise.all([
    within(sink.end(failure !== undefined), remainingTimeMs() - deadlineMarginMs / 4, clock),
    within(close, Math.min(PATIENCE_MS.close, remainingTimeMs() / 2), clock),
  ]);
  if (!closed) report(new Error('The source did not close'), 'ERR_SOURCE_CLOSE');
  if (sink.gone) failure ??= { error: undefined, code: 'CLIENT_DISCONNECTED' };
  else if (failure) report(failure.error, failure.code);

  const { outcome } = result.ending();
  const stats: RunStats = {
    threadId,
    runId,
    status: sink.gone ? 'aborted' : failure ? 'failed' : 'finished',
    ...(failure && { errorCode: failure.code }),
    ...(outcome && { outcome: outcome.type }),
    ...meter.times(),
    events: meter.events,
    bytes: OPENING.length + writer.bytes,
    keepAlives: meter.keepAlives,
    usage: result.usage().usage ?? [],
  };
  const told = [
    watch.onEnd(stats, failure?.error),
    (async () => options.onRunEnd?.(stats))().catch((error) => report(error, 'ERR_ON_RUN_END')),
  ];
  await within(Promise.all(told), PATIENCE_MS.onEnd, clock);
  return failure && new RunFailedError(failure.code);
}

function readerGone(): AgentStreamError {
  return new AgentStreamError('The reader went away', { code: 'CLIENT_DISCONNECTED' });
}

function invalidEvent(cause: unknown): AgentStreamError {
  return new AgentStreamError('The agent sent an invalid event', { code: 'INVALID_EVENT', cause });
}
