import type { StreamReport } from './stream-report';

/**
 * `streams`: text came as it was written. `buffered`: it came in one piece, with everything else. `agent-buffers`: the stream
 * began at once, but its text came in one piece. `inconclusive`: the answer was too short to tell. `failed`: there is no answer.
 */
export type Verdict = 'streams' | 'buffered' | 'agent-buffers' | 'inconclusive' | 'failed';

export interface Judgement {
  readonly verdict: Verdict;
  /** What was found, and what to do about it; the first line is the reason for the verdict. */
  readonly findings: readonly string[];
}

/** What comes within so long of each other came in one piece. */
const ONE_PIECE_MS = 50;
/** A held-back answer may still take its time over the network: it comes so many events at once, in so small a part of the wait. */
const EVENTS_AT_ONCE = 5;
const PART_OF_WAIT = 0.2;
/** An answer that took less may well have been written in one piece. */
const LONG_ENOUGH_MS = 500;
const FIRST_RESPONSE_MS = 2_000;
/** A gap that a reader notices. */
const CLUMP_MS = 200;

const WHY: Readonly<Record<number, string>> = {
  401: 'the caller was refused: pass a token with --token-env',
  403: 'the caller was refused. A function URL says so before your code when it is AWS_IAM and the request is not signed, or when one of its two permissions is missing (lambda:InvokeFunctionUrl and lambda:InvokeFunction)',
  404: 'nothing is served at this path',
  405: 'nothing at this path takes POST',
  413: 'the request is too large',
  415: 'the request’s content type is not taken',
  429: 'the function has no concurrency left',
  502: 'the function failed before its first byte: look at its log',
  504: 'the function sent no byte before its timeout: look at its log',
};

const ms = (time: number | undefined): string => `${Math.round(time ?? 0)} ms`;

function judgeFailure(report: StreamReport): string | undefined {
  const { status, contentType = 'none', failure, terminal, runErrorCode } = report;
  if (status === undefined) return `no answer: ${failure}`;
  if (status >= 300 && status < 400)
    return `HTTP ${status}: a redirect, which is not followed: probe its target`;
  if (status !== 200) {
    const why = WHY[status];
    return `HTTP ${status}${why === undefined ? '' : `: ${why}`}`;
  }
  // The prelude of a response stream: only an invocation that streams takes it off the body.
  if (report.body !== undefined && /^\{"statusCode":/.test(report.body))
    return 'the status and headers of the response stream came as its text: what invokes the function does not stream. Set InvokeMode RESPONSE_STREAM on the function URL';
  if (report.body !== undefined)
    return `the answer is no event stream: its content type is ${contentType}`;
  if (failure !== undefined && terminal === undefined)
    return `the answer broke off after ${report.events} events: ${failure}`;
  if (terminal === undefined)
    return `the answer ended after ${report.events} events without RUN_FINISHED or RUN_ERROR: something cut it`;
  if (terminal === 'RUN_ERROR')
    return `the run failed: ${runErrorCode ?? 'RUN_ERROR without a code'}`;
  return undefined;
}

function judgeText(report: StreamReport): [Verdict, string] {
  const { textEvents, textArrivals, firstByteMs = 0, firstTextMs = 0, lastTextMs = 0 } = report;
  const spreadMs = lastTextMs - firstTextMs;
  const isAtOnce =
    textEvents / textArrivals >= EVENTS_AT_ONCE && spreadMs < firstTextMs * PART_OF_WAIT;
  if (textEvents === 0) return ['inconclusive', 'the run sent no text'];
  if (spreadMs >= ONE_PIECE_MS && !isAtOnce && report.contentLength === undefined)
    return ['streams', `text came in ${textArrivals} pieces over ${ms(spreadMs)}`];
  if (firstTextMs < LONG_ENOUGH_MS)
    return [
      'inconclusive',
      `the whole text was there after ${ms(firstTextMs)}: use --ask for a question with a longer answer`,
    ];
  if (firstTextMs - firstByteMs >= LONG_ENOUGH_MS)
    return [
      'agent-buffers',
      `the stream began after ${ms(firstByteMs)}, but all its text came in one piece after ${ms(firstTextMs)}: the agent behind it does not stream. InvokeAgent streams with streamFinalResponse and the permission bedrock:InvokeModelWithResponseStream`,
    ];
  return [
    'buffered',
    `the whole answer came in one piece after ${ms(firstTextMs)}: set InvokeMode RESPONSE_STREAM on the function URL, and put no proxy in front that buffers`,
  ];
}

/** Tells from what was seen of one answer whether the way it came streams. */
export function judgeStream(report: StreamReport): Judgement {
  const failed = judgeFailure(report);
  const [verdict, reason]: [Verdict, string] = failed ? ['failed', failed] : judgeText(report);
  const findings = [reason];
  const {
    contentEncoding,
    contentLength,
    firstByteMs = 0,
    gapMs,
    textEvents,
    textArrivals,
  } = report;
  if (report.firstByteMs !== undefined) {
    if (contentEncoding !== undefined)
      findings.push(
        `the stream is compressed (${contentEncoding}), which holds text back: do not compress it`,
      );
    if (contentLength !== undefined)
      findings.push('the answer has a content-length: something held all of it to count it');
    if (report.failure !== undefined)
      findings.push(`the connection was not ended after the run: ${report.failure}`);
    if (firstByteMs > FIRST_RESPONSE_MS)
      findings.push(`the first byte took ${ms(firstByteMs)}: a cold start, or "authorize" waits`);
    if (gapMs && gapMs.median >= CLUMP_MS && textEvents / textArrivals >= 3)
      findings.push(
        `text comes in clumps, ${Math.round(textEvents / textArrivals)} events every ${ms(gapMs.median)}: something on the way holds it back`,
      );
  }
  return { verdict, findings };
}
