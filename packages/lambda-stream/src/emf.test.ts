import { describe, expect, it, vi } from 'vitest';
import { emf, formatEmf } from './emf';
import type { RunStats } from './run-observer';

const stats: RunStats = {
  threadId: 't1',
  runId: 'r1',
  status: 'finished',
  durationMs: 1234.5,
  firstByteMs: 3,
  firstEventMs: 400,
  firstTextMs: 450,
  events: 12,
  bytes: 3456,
  textLength: 789,
  keepAlives: 0,
  usage: [
    { provider: 'aws.bedrock', model: 'a', inputTokens: 10, outputTokens: 4 },
    { provider: 'aws.bedrock', model: 'b', inputTokens: 1 },
  ],
};

describe('formatEmf()', () => {
  it('declares every metric that it gives a value', () => {
    const dimensions = { Stage: 'production', Agent: 'magi' };
    const line = JSON.parse(
      formatEmf(stats, { namespace: 'MagiStream', dimensions }, 1_764_000_000_000),
    );
    const [directive] = line._aws.CloudWatchMetrics;
    expect(line._aws.Timestamp).toBe(1_764_000_000_000);
    expect(directive.Namespace).toBe('MagiStream');
    expect(directive.Dimensions).toEqual([['Stage', 'Agent']]);
    expect(
      Object.fromEntries(directive.Metrics.map(({ Name }: { Name: string }) => [Name, line[Name]])),
    ).toEqual({
      Duration: 1234.5,
      TimeToFirstByte: 3,
      TimeToFirstEvent: 400,
      TimeToFirstText: 450,
      Events: 12,
      Bytes: 3456,
      TextLength: 789,
      Failures: 0,
      Aborts: 0,
      InputTokens: 11,
      OutputTokens: 4,
    });
    expect(line).toMatchObject({
      Stage: 'production',
      Agent: 'magi',
      runId: 'r1',
      status: 'finished',
    });
  });

  it('leaves out what was not measured and counts a failure', () => {
    const { firstEventMs: _event, firstTextMs: _text, ...rest } = stats;
    const failed: RunStats = { ...rest, status: 'failed', errorCode: 'THROTTLED', usage: [] };
    const text = formatEmf(failed, { namespace: 'N' }, 0);
    const line = JSON.parse(text);
    expect(line).toMatchObject({ Failures: 1, errorCode: 'THROTTLED' });
    expect(text).not.toMatch(/TimeToFirstText|InputTokens/);
    expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([[]]);
  });
});

describe('emf()', () => {
  it('writes one line per run', () => {
    const write = vi.fn();
    emf({ namespace: 'N', write })(stats);
    expect(write).toHaveBeenCalledOnce();
    expect(write.mock.calls[0]?.[0]).not.toContain('\n');
  });

  it('takes an option that is undefined for one that is not given', () => {
    const options = { namespace: 'N', dimensions: undefined, write: undefined };
    expect(() => emf(options as never)).not.toThrow();
  });

  it('writes to standard output by default', () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      emf({ namespace: 'N' })(stats);
      expect(write.mock.calls[0]?.[0]).toMatch(/^\{.*\}\n$/);
    } finally {
      write.mockRestore();
    }
  });

  it.each([
    [{}, TypeError, '"namespace"'],
    [{ namespace: 'a b' }, TypeError, '"namespace"'],
    [{ namespace: 'N', dimensions: { Stage: '' } }, TypeError, 'dimension "Stage"'],
    [{ namespace: 'AWS/Lambda' }, TypeError, '"namespace"'],
    [{ namespace: 'N', dimensions: null }, TypeError, '"dimensions"'],
    [{ namespace: 'N', dimensions: ['x'] }, TypeError, '"dimensions"'],
    [{ namespace: 'N', dimensions: { Stage: '本番' } }, TypeError, 'dimension "Stage"'],
    [{ namespace: 'N', dimensions: { Stage: 'a\nb' } }, TypeError, 'dimension "Stage"'],
    [{ namespace: 'N', dimensions: { Stage: 'x'.repeat(1025) } }, TypeError, 'dimension "Stage"'],
    [{ namespace: 'N', dimensions: { '': 'x' } }, TypeError, 'dimension ""'],
    [{ namespace: 'N', dimensions: { ':a': 'x' } }, TypeError, 'dimension ":a"'],
    [{ namespace: 'N', write: 'console' }, TypeError, '"write"'],
    [{ namespace: 'N', dimensions: { runId: 'x' } }, TypeError, 'dimension "runId"'],
    [
      {
        namespace: 'N',
        dimensions: Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`d${i}`, 'x'])),
      },
      RangeError,
      'at most 30',
    ],
    [{ namespace: 'N', unit: 1 }, TypeError, 'unknown option "unit"'],
  ])('refuses %o when it is called', (options: object, type, message) => {
    expect(() => emf(options as never)).toThrow(type);
    expect(() => emf(options as never)).toThrow(message);
  });
});
