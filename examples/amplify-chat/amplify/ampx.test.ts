import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const { scripts } = JSON.parse(read('../package.json')) as { scripts: Record<string, string> };

it('deploys with a pinned CLI, and the pnpm that the lockfile is written by', () => {
  const { packageManager } = JSON.parse(read('../../../package.json')) as {
    packageManager: string;
  };
  expect(scripts.ampx).toContain(` --package ${packageManager.split('+')[0]} `);
  expect(scripts.ampx).toMatch(/ --package @aws-amplify\/backend-cli@\d+\.\d+\.\d+ ampx$/);
});

// The CLI is no dependency, and nobody else's `ampx` is meant.
it.each(['../../../amplify.yml', '../README.md', '../../../docs/ja/guide.md'])(
  'is how %s deploys',
  (path) => {
    const text = read(path);
    expect(text).toContain('npm run ampx -- ');
    expect(text).not.toMatch(/^\s*(?:- )?npx ampx/m);
  },
);
