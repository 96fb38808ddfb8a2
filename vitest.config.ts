import { defineConfig } from 'vitest/config';
import { chromiumProvider } from './scripts/chromium-provider.ts';

/** Tests read the packages' sources, not their builds; the packed-package tests are the ones that read builds. */
const conditions = ['magi-source', 'import', 'module', 'default'];
const sources = {
  // Without `module`: under it the AWS SDK resolves to a build that Node cannot import.
  resolve: { conditions: ['magi-source', 'import', 'default', 'node'] },
  ssr: {
    resolve: {
      conditions: ['magi-source', 'import', 'default', 'node'],
      externalConditions: ['node'],
    },
  },
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/plain-reporter.ts'],
    projects: [
      {
        ...sources,
        test: {
          name: 'unit',
          include: [
            'packages/*/src/**/*.test.{ts,tsx}',
            'scripts/**/*.test.ts',
            'examples/*/{app,lib,local,components,amplify}/**/*.test.{ts,tsx}',
          ],
          exclude: ['**/*.browser.test.*', '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      {
        ...sources,
        test: {
          name: 'integration',
          include: ['tests/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.*', '**/node_modules/**'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          // Each file starts processes of its own; two at once would measure each other on a small machine.
          fileParallelism: false,
        },
      },
      {
        resolve: { conditions: [...conditions, 'browser'] },
        optimizeDeps: {
          include: [
            'react',
            'react-dom',
            'react-dom/client',
            'react/jsx-dev-runtime',
            'react/jsx-runtime',
            'vitest-browser-react',
          ],
        },
        test: {
          name: 'browser',
          include: [
            'packages/*/src/**/*.browser.test.{ts,tsx}',
            'tests/**/*.browser.test.{ts,tsx}',
          ],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: chromiumProvider(),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
