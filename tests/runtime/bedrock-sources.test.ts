import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ensureNode } from '../../scripts/node-binaries.mjs';
import { runCommand } from '../support/run-command';

const root = fileURLToPath(new URL('../..', import.meta.url));
const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));
/** What drives the three SDK clients, over HTTP/1.1 and HTTP/2. Our own Node runs them among the unit tests. */
const suites = [
  'sources/fixtures',
  'sources/every-source',
  'bedrock-agent',
  'agentcore',
  'testing',
];

const files = suites.map((suite) => `packages/lambda-stream/src/${suite}`);

describe('the Bedrock sources against the real SDK clients', () => {
  for (const major of ['22', '24'] as const) {
    const node = ensureNode(major);
    // Where a Node cannot be had, `ensureNode` has said so and why.
    test.skipIf(node === undefined)(
      `hold on Node ${major}`,
      async () => {
        const output = await runCommand(
          node as string,
          [vitest, 'run', '--project', 'unit', '--reporter', 'dot', ...files],
          { cwd: root, env: { ...process.env, NO_COLOR: '1' } },
        );
        expect(Number(/Tests +(\d+) passed/.exec(output)?.[1])).toBeGreaterThan(300);
      },
      300_000,
    );
  }
});
