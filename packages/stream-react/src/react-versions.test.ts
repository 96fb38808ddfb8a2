import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { JSDOM } from 'jsdom';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cases as listed } from './test/node-suite';
import type { SuiteCase } from './test/suite-case';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Sends every import of React, React DOM's own included, to one of the versions that are installed side by side. */
function reactVersion(suffix: string): Plugin {
  return {
    name: 'react-version',
    setup({ onResolve }) {
      onResolve({ filter: /^react(-dom)?(\/.*)?$/ }, ({ path }) => ({
        path: require.resolve(path.replace(/^react(-dom)?/, (name) => name + suffix)),
      }));
    },
  };
}

describe.each([
  ['18.2', '-18.2'],
  ['18.3', '-18.3'],
  ['19.0', '-19.0'],
  ['19.3', ''],
])('React %s', (version, suffix) => {
  let folder: string;
  let cases: SuiteCase[];
  const globals = [
    'window',
    'document',
    'navigator',
    'HTMLElement',
    'HTMLIFrameElement',
    'Node',
  ] as const;

  beforeAll(async () => {
    const { window } = new JSDOM('<!doctype html><body></body>', { pretendToBeVisual: true });
    // Left in place afterwards: React finishes its work after a test has ended.
    for (const name of globals) {
      Object.defineProperty(globalThis, name, {
        configurable: true,
        value: name === 'window' ? window : window[name],
      });
    }
    folder = mkdtempSync(join(here, '..', 'node_modules', '.suite-'));
    const outfile = join(folder, 'suite.cjs');
    await build({
      entryPoints: [join(here, 'test', 'node-suite.tsx')],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      jsx: 'automatic',
      conditions: ['magi-source'],
      define: { 'process.env.NODE_ENV': '"development"' },
      plugins: [reactVersion(suffix)],
      outfile,
      logLevel: 'error',
    });
    ({ cases } = require(outfile) as { cases: SuiteCase[] });
    const { version: bundled } = JSON.parse(
      readFileSync(require.resolve(`react${suffix}/package.json`), 'utf8'),
    ) as { version: string };
    expect(bundled.startsWith(version)).toBe(true);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(listed.map(({ name }) => name))('%s', async (name) => {
    const found = cases.find((entry) => entry.name === name);
    await found?.run();
  });
});
