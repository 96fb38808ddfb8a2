import type { AgentEvent } from '@magi/stream-protocol';
import type { RunStats } from './run-observer';

/** Takes the times and sizes of one run. */
export interface RunMeter {
  /** An event of the source. */
  take(event: AgentEvent): void;
  keepAlives: number;
  times(): Pick<
    RunStats,
    'durationMs' | 'firstByteMs' | 'firstEventMs' | 'firstTextMs' | 'textLength'
  >;
}

/** To be made when the first byte was just written. */
export function createRunMeter(now: () => number, startedAt: number): RunMeter {
  const elapsedMs = (): number => now() - startedAt;
  const firstByteMs = elapsedMs();
  let firstEventMs: number | undefined;
  let firstTextMs: number | undefined;
  let textLength = 0;
  return {
    take: (event) => {
      firstEventMs ??= elapsedMs();
      if (event.type !== 'TEXT_MESSAGE_CONTENT' || event.delta === '') return;
      firstTextMs ??= elapsedMs();
      textLength += event.delta.length;
    },
    keepAlives: 0,
    times: () => ({
      durationMs: elapsedMs(),
      firstByteMs,
      ...(firstEventMs !== undefined && { firstEventMs }),
      ...(firstTextMs !== undefined && { firstTextMs }),
      textLength,
    }),
  };
}
