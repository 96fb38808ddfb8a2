import { describe, expect, it } from 'vitest';
import { deadlineSignal } from './deadline-signal';
import { createFakeClock } from './pace/fake-clock.fixture';

function create(totalMs: number, marginMs?: number) {
  const clock = createFakeClock();
  const remainingTimeMs = () => totalMs - clock.now();
  return { clock, ...deadlineSignal({ clock, remainingTimeMs, ...(marginMs && { marginMs }) }) };
}

describe('deadlineSignal', () => {
  it('aborts two seconds before the end by default, with a named reason', () => {
    const { clock, signal } = create(30_000);
    clock.advanceTo(27_999);
    expect(signal.aborted).toBe(false);
    clock.advanceTo(28_000);
    expect(signal.reason).toMatchObject({ name: 'AgentStreamError', code: 'DEADLINE_EXCEEDED' });
  });

  it('leaves at least half of the time that is there', () => {
    const { clock, signal } = create(1_000, 5_000);
    clock.advanceTo(499);
    expect(signal.aborted).toBe(false);
    clock.advanceTo(500);
    expect(signal.aborted).toBe(true);
  });

  it('aborts at once when the time is over', () => {
    const { clock, signal } = create(-5);
    clock.advanceTo(0);
    expect(signal.aborted).toBe(true);
  });

  it('sets no timer where nothing limits the time, and none that Node would cut to 1 ms', () => {
    expect(create(Number.POSITIVE_INFINITY).clock.nextAt).toBe(Number.POSITIVE_INFINITY);
    expect(create(10 ** 12).clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it.each([0, 0.4, -0])('aborts at once, or nearly, when %d ms are left', (leftMs) => {
    const { clock, signal, dispose } = create(leftMs);
    clock.advanceTo(1);
    expect(signal.aborted).toBe(true);
    dispose();
    dispose();
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });

  it('leaves no timer behind when disposed', () => {
    const { clock, dispose } = create(30_000);
    dispose();
    expect(clock.nextAt).toBe(Number.POSITIVE_INFINITY);
  });
});
