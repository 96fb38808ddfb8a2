import { describe, expect, it } from 'vitest';
import { judgeStream } from './judge-stream';
import type { StreamReport } from './stream-report';

const streaming: StreamReport = {
  url: 'https://a.example/',
  status: 200,
  contentType: 'text/event-stream; charset=utf-8',
  headersMs: 80,
  firstByteMs: 82,
  firstTextMs: 900,
  lastTextMs: 4_000,
  endMs: 4_010,
  bytes: 9_000,
  events: 104,
  textEvents: 100,
  textArrivals: 98,
  gapMs: { median: 30, p95: 48, max: 90 },
  terminal: 'RUN_FINISHED',
};
const onePiece = { lastTextMs: 3_000, firstTextMs: 2_990, endMs: 3_001, textArrivals: 2 };

describe('judgeStream()', () => {
  it.each<[string, Partial<StreamReport>, string, RegExp]>([
    ['text over time', {}, 'streams', /98 pieces over 3100 ms/],
    [
      'everything at once, late',
      { ...onePiece, firstByteMs: 2_980 },
      'buffered',
      /InvokeMode RESPONSE_STREAM/,
    ],
    [
      'the start at once and the text at once, late',
      onePiece,
      'agent-buffers',
      /streamFinalResponse/,
    ],
    [
      'a held-back answer that takes a moment to come',
      { firstByteMs: 3_000, firstTextMs: 3_010, lastTextMs: 3_200, textArrivals: 4 },
      'buffered',
      /one piece after 3010 ms/,
    ],
    [
      'a counted answer',
      { firstByteMs: 900, contentLength: '9000' },
      'buffered',
      /one piece after 900 ms/,
    ],
    [
      'a long thought before text that streams',
      { firstTextMs: 20_000, lastTextMs: 21_000 },
      'streams',
      /over 1000 ms/,
    ],
    ['a short answer', { firstTextMs: 200, lastTextMs: 210 }, 'inconclusive', /--ask/],
    ['no text', { textEvents: 0, firstTextMs: undefined }, 'inconclusive', /no text/],
    [
      'a failed run',
      { terminal: 'RUN_ERROR', runErrorCode: 'DEADLINE_EXCEEDED' },
      'failed',
      /DEADLINE_EXCEEDED/,
    ],
    ['a cut', { terminal: undefined }, 'failed', /104 events without RUN_FINISHED/],
    [
      'a broken connection',
      { terminal: undefined, failure: 'terminated' },
      'failed',
      /broke off after 104 events: terminated/,
    ],
    [
      'no answer',
      { status: undefined, failure: 'fetch failed: ECONNREFUSED' },
      'failed',
      /^no answer: fetch failed: ECONNREFUSED/,
    ],
    [
      'a page',
      { contentType: 'text/html', body: '<html>' },
      'failed',
      /no event stream: its content type is text\/html/,
    ],
    [
      'a prelude as text',
      { contentType: 'application/json', body: '{"statusCode":200,"headers":{}}\0\0\0\0\0\0\0\0' },
      'failed',
      /InvokeMode/,
    ],
    ['a redirect', { status: 307, body: '' }, 'failed', /redirect/],
    [
      'a refusal before the code',
      { status: 403, body: '{"Message":"Forbidden"}' },
      'failed',
      /lambda:InvokeFunctionUrl and lambda:InvokeFunction/,
    ],
    ['a status without advice', { status: 418, body: '' }, 'failed', /^HTTP 418$/],
  ])('%s', (_name, seen, verdict, reason) => {
    const judgement = judgeStream({ ...streaming, ...seen });
    expect(judgement.verdict).toBe(verdict);
    expect(judgement.findings[0]).toMatch(reason);
  });

  it.each<[string, Partial<StreamReport>, RegExp]>([
    ['compression', { contentEncoding: 'gzip' }, /gzip/],
    [
      'a connection that stays',
      { failure: 'no more time' },
      /not ended after the run: no more time/,
    ],
    ['a slow first byte', { firstByteMs: 2_500, firstTextMs: 2_600 }, /first byte took 2500 ms/],
    [
      'clumps',
      { textArrivals: 10, gapMs: { median: 300, p95: 320, max: 400 } },
      /10 events every 300 ms/,
    ],
  ])('warns of %s in an answer that streams', (_name, seen, warning) => {
    const { verdict, findings } = judgeStream({ ...streaming, ...seen });
    expect(verdict).toBe('streams');
    expect(findings.slice(1)).toEqual([expect.stringMatching(warning)]);
  });

  it('has nothing to say of an answer that streams well but how it came', () => {
    expect(judgeStream(streaming).findings).toHaveLength(1);
  });
});
