import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * Puts a `pnpm` on PATH that understands one thing: `pnpm exec -- esbuild …`, which CDK spawns to bundle a function.
 *
 * So synthesis needs no pnpm on the machine, and bundles the packages' sources, built or not. Returns what undoes it.
 */
export function putEsbuildOnPath(repository: string): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'synth-'));
  const esbuild = join(repository, 'node_modules', '.bin', 'esbuild');
  const script = `#!/bin/sh\n[ "$1" = exec ] && shift\n[ "$1" = -- ] && shift\nshift\nexec '${esbuild}' --conditions=magi-source "$@"\n`;
  writeFileSync(join(folder, 'pnpm'), script);
  chmodSync(join(folder, 'pnpm'), 0o755);
  const before = process.env.PATH ?? '';
  process.env.PATH = `${folder}${delimiter}${before}`;
  return () => {
    process.env.PATH = before;
    rmSync(folder, { recursive: true });
  };
}
