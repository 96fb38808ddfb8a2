import { chromium } from 'playwright';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';

const FRAME_MS = 1_000 / 60;

/** Runs in the page: notes frames and long tasks between the question and the end. */
function observe() {
  const seen = { frames: [], tasks: [] };
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries())
      seen.tasks.push({ startTime, duration });
  }).observe({ type: 'longtask', buffered: false });
  const frame = (now) => {
    seen.frames.push(now);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  globalThis.benchStarted = () => {
    globalThis.benchStartedAtMs = performance.now();
  };
  globalThis.benchSeen = seen;
}

async function metrics(session) {
  const { metrics: list } = await session.send('Performance.getMetrics');
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** Opens a browser for many runs; `undefined` where there is no Chromium. */
export async function openChromium() {
  const executablePath = findChromium();
  if (!executablePath) return undefined;
  const browser = await chromium.launch({
    executablePath,
    args: [...chromiumArgs, '--enable-precise-memory-info', '--js-flags=--expose-gc'],
  });

  async function run(url, name, options) {
    const page = await browser.newPage();
    try {
      await page.goto(`${url}/page.html`);
      await page.addScriptTag({ url: `${url}/${name}.js` });
      const evaluate = (given) =>
        page.evaluate(async (o) => {
          const { unmount, ...result } = await globalThis.benchPage(o);
          globalThis.benchUnmount = unmount;
          return result;
        }, given);
      await evaluate({ ...options, url, tokens: 500, rate: 0 });
      await page.evaluate(() => globalThis.benchUnmount());
      await page.evaluate(observe);
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable');
      await page.evaluate(() => globalThis.gc());
      const before = await metrics(session);
      const result = await evaluate({ ...options, url });
      const after = await metrics(session);
      const seen = await page.evaluate(() => {
        const from = globalThis.benchStartedAtMs;
        const frames = globalThis.benchSeen.frames.filter((at) => at >= from);
        globalThis.gc();
        return {
          gaps: frames.slice(1).map((at, index) => at - frames[index]),
          tasks: globalThis.benchSeen.tasks
            .filter(({ startTime }) => startTime >= from)
            .map(({ duration }) => duration),
          heapMb: performance.memory.usedJSHeapSize / 1e6,
        };
      });
      return {
        ...result,
        cpuMs: (after.TaskDuration - before.TaskDuration) * 1_000,
        scriptMs: (after.ScriptDuration - before.ScriptDuration) * 1_000,
        longTasks: seen.tasks.length,
        longestBlockMs: Math.max(0, ...seen.tasks),
        longestFrameMs: Math.max(0, ...seen.gaps),
        droppedFrames: seen.gaps.reduce(
          (sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1),
          0,
        ),
        heapMb: seen.heapMb,
      };
    } finally {
      await page.close();
    }
  }
  return { run, close: () => browser.close() };
}
