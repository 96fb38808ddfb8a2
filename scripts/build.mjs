// Builds the four packages in dependency order, each only when its sources or those below it changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const below = {
  'stream-protocol': [],
  'lambda-stream': ['stream-protocol'],
  'stream-client': ['stream-protocol'],
  'stream-react': ['stream-protocol', 'stream-client'],
};
const shared = ['tsup.base.ts', 'tsconfig.base.json', 'pnpm-lock.yaml'];
const stamps = join(root, 'node_modules', '.cache', 'magi-build');

function hashFolder(hash, folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }).sort((a, b) =>
    join(a.parentPath ?? a.path, a.name) < join(b.parentPath ?? b.path, b.name) ? -1 : 1,
  )) {
    if (!entry.isFile() || /\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
}

function fingerprint(name) {
  const hash = createHash('sha256');
  for (const file of shared) hash.update(readFileSync(join(root, file)));
  for (const each of [...below[name], name]) {
    const folder = join(root, 'packages', each);
    hash.update(readFileSync(join(folder, 'package.json')));
    hash.update(readFileSync(join(folder, 'tsup.config.ts')));
    hashFolder(hash, join(folder, 'src'));
  }
  return hash.digest('hex');
}

mkdirSync(stamps, { recursive: true });
for (const name of Object.keys(below)) {
  const folder = join(root, 'packages', name);
  const stamp = join(stamps, name);
  const print = fingerprint(name);
  const built = existsSync(join(folder, 'dist', 'index.js'));
  if (built && existsSync(stamp) && readFileSync(stamp, 'utf8') === print) continue;
  process.stdout.write(`Building @magi/${name}\n`);
  const bin = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const result = spawnSync(process.execPath, [bin, '--silent'], { cwd: folder, stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
  writeFileSync(stamp, print);
}
