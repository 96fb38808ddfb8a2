// Checks the packed packages as their users' tools will see them: `npm run check:packages`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packPackages } from './pack.mjs';

const require = createRequire(import.meta.url);
const publint = join(dirname(require.resolve('publint')), 'cli.js');
const attw = join(
  dirname(require.resolve('@arethetypeswrong/cli/package.json')),
  'dist',
  'index.js',
);

/** Each check: a name and the command that exits with 0 when the tarball is good. */
const checks = [
  ['publint', (file) => [publint, 'run', file, '--strict']],
  // node16: `moduleResolution: node10` knows no subpath exports, and nothing published today needs it.
  ['attw', (file) => [attw, file, '--profile', 'node16', '--format', 'ascii', '--no-emoji']],
];

const folder = mkdtempSync(join(tmpdir(), 'magi-pack-'));
let failed = 0;
try {
  for (const { name, file } of packPackages(folder)) {
    for (const [check, command] of checks) {
      const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' };
      const result = spawnSync(process.execPath, command(file), { encoding: 'utf8', env });
      const good = result.status === 0;
      console.log(`${good ? 'ok  ' : 'FAIL'} ${check} ${name}`);
      if (good) continue;
      failed += 1;
      console.log(`${result.stdout}${result.stderr}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${failed} problems`);
process.exit(failed === 0 ? 0 : 1);
