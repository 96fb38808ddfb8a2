// Packs the four packages as they would be published.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = packageManager.split('+')[0];

/** The folder names of the packages, those that others stand on first. */
export const packageNames = ['stream-protocol', 'lambda-stream', 'stream-client', 'stream-react'];

/**
 * Builds the packages where their sources changed and writes one tarball each into `destination`.
 * pnpm packs, not npm: only pnpm puts `publishConfig.exports` and real versions for `workspace:` into the manifest.
 */
export function packPackages(destination) {
  const quiet = { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' };
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], quiet);
  const npx = windows ? 'npx.cmd' : 'npx';
  const chosen = packageNames.flatMap((name) => ['--filter', `@magi/${name}`]);
  const command = ['--yes', '--loglevel=error', pnpm, ...chosen, 'pack'];
  execFileSync(npx, [...command, '--pack-destination', destination], {
    ...quiet,
    cwd: root,
    shell: windows,
  });
  return packageNames.map((name) => {
    const file = readdirSync(destination).find((entry) => entry.includes(`${name}-`));
    if (file === undefined) throw new Error(`Packing @magi/${name} left no tarball`);
    return { name: `@magi/${name}`, file: join(destination, file) };
  });
}
