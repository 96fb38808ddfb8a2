// node --expose-gc run-in-jsdom.mjs <bundle> <options as JSON>: one page in one process; the result goes to the parent.
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { JSDOM } from 'jsdom';

const [bundle, text] = process.argv.slice(2);
const options = JSON.parse(text);
const { window } = new JSDOM('<!doctype html><body></body>', {
  url: 'http://localhost/',
  pretendToBeVisual: true,
});
const names = [
  'window',
  'document',
  'navigator',
  'HTMLElement',
  'HTMLIFrameElement',
  'Node',
  'location',
];
for (const name of names) {
  const value = name === 'window' ? globalThis : window[name];
  Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
}
for (const name of ['addEventListener', 'removeEventListener', 'dispatchEvent']) {
  globalThis[name] = window[name].bind(window);
}
globalThis.requestAnimationFrame = window.requestAnimationFrame.bind(window);
globalThis.cancelAnimationFrame = window.cancelAnimationFrame.bind(window);

// A page must not outlive the process that waits for it.
process.on('disconnect', () => process.exit());

createRequire(import.meta.url)(bundle);

// What the compiler does with code it meets for the first time is not what is compared.
const warm = await globalThis.benchPage({ ...options, ...options.warmUp });
warm.unmount();
await new Promise((resolve) => setTimeout(resolve, 200));

const delay = monitorEventLoopDelay({ resolution: 1 });
let cpuBefore;
globalThis.benchStarted = () => {
  cpuBefore = process.cpuUsage();
  delay.enable();
};
const { commits, wallMs, length } = await globalThis.benchPage(options);
const { user, system } = process.cpuUsage(cpuBefore);
delay.disable();
globalThis.gc();
const heapBytes = process.memoryUsage().heapUsed;
process.send({
  commits,
  wallMs,
  length,
  cpuMs: (user + system) / 1_000,
  longestBlockMs: delay.max / 1e6,
  heapMb: heapBytes / 1e6,
});
process.disconnect();
process.exit();
