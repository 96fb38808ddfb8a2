// One answer in one tab. What is counted begins with the question and ends when the last commit has been painted.
//
// Processor time is the main thread's own, not the time that its tasks took: on a machine that does something else too, a task
// takes longer without doing more. The tasks come from a trace, which tells both for each of them.
import { chromium } from 'playwright';
import { chromiumArgs, findChromium } from '../../scripts/chromium.mjs';

const FRAME_MS = 1_000 / 60;
const LONG_TASK_MS = 50;

/** Runs in the page: marks the beginning in the trace, and notes the frames from then on. */
function observe() {
  globalThis.benchFrames = [];
  globalThis.benchStarted = () => {
    performance.mark('bench-start');
    const frame = (now) => {
      globalThis.benchFrames.push(now);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
}

/** Runs in the page: lets it paint what was committed last, and marks the end in the trace. */
function finish() {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      setTimeout(() => {
        performance.mark('bench-end');
        resolve(globalThis.benchFrames);
      });
    });
  });
}

/** Starts a trace; the function that it returns ends it and tells the tasks of the page's main thread between the two marks. */
async function traceTasks(browser) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value) if (/^(RunTask|bench-.*)$/.test(event.name)) events.push(event);
  });
  const includedCategories = ['disabled-by-default-devtools.timeline', 'blink.user_timing'];
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories, excludedCategories: ['*'] },
  });
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    await session.detach();
    const start = events.find(({ name }) => name === 'bench-start');
    const end = events.find(({ name }) => name === 'bench-end');
    return events
      .filter(({ name, pid, tid }) => name === 'RunTask' && pid === start.pid && tid === start.tid)
      .filter(({ ts, dur = 0 }) => ts + dur > start.ts && ts + dur < end.ts)
      .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / 1_000, cpuMs: tdur / 1_000 }));
  };
}

async function metrics(session) {
  const { metrics: list } = await session.send('Performance.getMetrics');
  return Object.fromEntries(list.map(({ name, value }) => [name, value]));
}

/** What is reachable, in megabytes: one collection leaves what only the next finds. */
async function heapMb(session) {
  for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}

/** Opens a browser for many runs; `undefined` where there is no Chromium. */
export async function openChromium() {
  const executablePath = findChromium();
  if (!executablePath) return undefined;
  const browser = await chromium.launch({ executablePath, args: chromiumArgs });

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
      await evaluate({ ...options, ...options.warmUp, url });
      await page.evaluate(() => globalThis.benchUnmount());
      await page.evaluate(observe);
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      await heapMb(session);
      const endTrace = await traceTasks(browser);
      const before = await metrics(session);
      const result = await evaluate({ ...options, url });
      const frames = await page.evaluate(finish);
      const after = await metrics(session);
      const tasks = await endTrace();
      const missed = (at, index) =>
        Math.max(0, Math.round((frames[index + 1] - at) / FRAME_MS) - 1);
      return {
        ...result,
        cpuMs: (after.TaskDuration - before.TaskDuration) * 1_000,
        scriptMs: (after.ScriptDuration - before.ScriptDuration) * 1_000,
        longTasks: tasks.filter(({ ms }) => ms > LONG_TASK_MS).length,
        longestBlockMs: Math.max(...tasks.map(({ ms }) => ms)),
        longestBlockCpuMs: Math.max(...tasks.map(({ cpuMs }) => cpuMs)),
        droppedFrames: frames.slice(0, -1).reduce((sum, at, index) => sum + missed(at, index), 0),
        heapMb: await heapMb(session),
      };
    } finally {
      await page.close();
    }
  }
  return { run, close: () => browser.close() };
}
