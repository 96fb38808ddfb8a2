import { EventParseError, parseAgentEvent } from '@magi/stream-protocol';
import { createSseDecoder } from '@magi/stream-protocol/sse';
import { systemClock } from '../clock';
import type { StreamReport } from './stream-report';

export interface StreamRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** How much of an answer that is no event stream is told, and how long is waited for it. */
const TOLD_BYTES = 500;
const TOLD_WITHIN_MS = 2_000;
/** More gaps than an hour of text has: what comes later no longer changes the figures. */
const MAX_GAPS = 100_000;

/** The words that are in an error, and in what caused it: `fetch` itself says only "fetch failed". */
function wordsOf(error: unknown): string {
  const { message, cause } = error as { message?: unknown; cause?: unknown };
  const own = String(message ?? error);
  return cause === undefined ? own : `${own}: ${wordsOf(cause)}`;
}

function gapsOf(arrivalsMs: readonly number[]): StreamReport['gapMs'] {
  const gaps = arrivalsMs.slice(1).map((atMs, i) => atMs - (arrivalsMs[i] ?? atMs));
  if (gaps.length === 0) return undefined;
  gaps.sort((a, b) => a - b);
  const at = (part: number) => gaps[Math.ceil(part * gaps.length) - 1] ?? 0;
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}

/** The first bytes of an answer that may never end. */
async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let timer: unknown;
  const late = new Promise<{ value?: undefined }>((resolve) => {
    timer = systemClock.setTimeout(() => resolve({}), TOLD_WITHIN_MS);
  });
  while (reader && bytes < TOLD_BYTES) {
    const { value } = await Promise.race([reader.read(), late]).catch(() => ({ value: undefined }));
    if (value === undefined) break;
    chunks.push(value);
    bytes += value.length;
  }
  systemClock.clearTimeout(timer);
  void reader?.cancel().catch(() => {});
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, TOLD_BYTES));
}

/** Sends one request and watches its answer come. Never rejects: what went wrong is in the report. */
export async function probeStream(
  { url, headers, body, signal }: StreamRequest,
  fetch: typeof globalThis.fetch = globalThis.fetch,
  now: () => number = () => systemClock.now(),
): Promise<{ report: StreamReport; answer?: Response }> {
  const startedMs = now();
  const report: { -readonly [Name in keyof StreamReport]: StreamReport[Name] } = {
    url: url.origin + url.pathname,
    bytes: 0,
    events: 0,
    textEvents: 0,
    textArrivals: 0,
  };
  const arrivalsMs: number[] = [];
  let answer: Response | undefined;
  try {
    // A redirect would take the token along to an address that nobody named.
    answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    report.headersMs = now() - startedMs;
    report.status = answer.status;
    report.contentType = answer.headers.get('content-type') ?? undefined;
    report.contentEncoding = answer.headers.get('content-encoding') ?? undefined;
    report.contentLength = answer.headers.get('content-length') ?? undefined;
    if (answer.status !== 200 || !/^text\/event-stream\b/i.test(report.contentType ?? '')) {
      report.body = await beginningOf(answer);
      return { report, answer };
    }
    const decoder = createSseDecoder({
      onEvent({ data }) {
        const event = parseAgentEvent(data);
        report.events += 1;
        if (event?.type === 'TEXT_MESSAGE_CONTENT' || event?.type === 'TEXT_MESSAGE_CHUNK')
          report.textEvents += 1;
        if (event?.type === 'RUN_FINISHED' || event?.type === 'RUN_ERROR')
          report.terminal = event.type;
        if (event?.type === 'RUN_ERROR') report.runErrorCode = event.code;
      },
    });
    for await (const chunk of answer.body ?? []) {
      const atMs = now() - startedMs;
      report.firstByteMs ??= atMs;
      report.bytes += chunk.length;
      const before = report.textEvents;
      decoder.push(chunk);
      if (report.textEvents === before) continue;
      report.textArrivals += 1;
      report.firstTextMs ??= atMs;
      report.lastTextMs = atMs;
      if (arrivalsMs.length <= MAX_GAPS) arrivalsMs.push(atMs);
    }
    report.endMs = now() - startedMs;
  } catch (error) {
    const malformed =
      error instanceof EventParseError ? 'the stream holds something else than AG-UI events: ' : '';
    report.failure = malformed + wordsOf(signal.aborted ? signal.reason : error);
  }
  report.gapMs = gapsOf(arrivalsMs);
  return answer === undefined ? { report } : { report, answer };
}
