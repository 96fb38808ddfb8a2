// Fails when the lockfile names an address: it must install from any registry, by integrity alone.
import { readFileSync } from 'node:fs';

const lockfile = new URL('../pnpm-lock.yaml', import.meta.url);
const problems = readFileSync(lockfile, 'utf8')
  .split('\n')
  .map((line, index) => ({ line: line.trim(), number: index + 1 }))
  .filter(({ line }) => /https?:\/\/|git\+|tarball:/.test(line));

for (const { line, number } of problems) console.error(`pnpm-lock.yaml:${number}: ${line}`);
console.log(`pnpm-lock.yaml: ${problems.length} addresses`);
process.exit(problems.length === 0 ? 0 : 1);
