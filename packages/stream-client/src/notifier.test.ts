import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from './clock';
import { createNotifier } from './notifier';

/** A page whose frames come every 16 ms, each drawn for `drawnMs` after a listener was told. */
function openPage(drawnMs: number) {
  const toldAtMs: number[] = [];
  let drawing = false;
  vi.useFakeTimers({ now: 1_000, toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const frames = new Map<number, () => void>();
  let handles = 0;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    frames.set(++handles, callback);
    return handles;
  });
  vi.stubGlobal('cancelAnimationFrame', (handle: number) => frames.delete(handle));
  const notifier = createNotifier(systemClock, () => {});
  notifier.subscribe(() => {
    toldAtMs.push(Date.now() - 1_000);
    drawing = true;
  });
  const page = {
    drawingMs: drawnMs,
    toldAtMs,
    /** Something changes before each frame. */
    showFrames(count: number): void {
      for (let frame = 0; frame < count; frame++) {
        notifier.schedule();
        const due = [...frames.values()];
        frames.clear();
        for (const callback of due) callback();
        // While the page draws, nothing else runs.
        if (drawing) vi.setSystemTime(Date.now() + page.drawingMs);
        drawing = false;
        const untilNextMs = 16 - ((Date.now() - 1_000) % 16);
        vi.advanceTimersByTime(untilNextMs);
      }
    },
  };
  return page;
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('tells with each frame when the page draws quickly', () => {
  const page = openPage(3);
  page.showFrames(5);
  expect(page.toldAtMs).toEqual([0, 16, 32, 48, 64]);
});

test('leaves a page that draws slowly as much time as its drawing takes', () => {
  const page = openPage(14);
  page.showFrames(8);
  expect(page.toldAtMs).toEqual([0, 32, 64, 96]);
});

test('lets no page wait for news longer than a hidden one', () => {
  const page = openPage(70);
  page.showFrames(40);
  const gapsMs = page.toldAtMs.slice(1).map((atMs, index) => atMs - (page.toldAtMs[index] ?? 0));
  expect(gapsMs.length).toBeGreaterThan(2);
  for (const gapMs of gapsMs) expect(gapMs).toBeLessThanOrEqual(70 + 100 + 16);
});

test('tells with each frame again after one that was slow', () => {
  const page = openPage(3);
  page.showFrames(3);
  page.drawingMs = 120;
  page.showFrames(1);
  page.drawingMs = 3;
  page.showFrames(20);
  const from = page.toldAtMs.length;
  page.showFrames(5);
  expect(page.toldAtMs.length - from).toBe(5);
});
