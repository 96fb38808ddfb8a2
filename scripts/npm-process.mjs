// Finds the npm that runs a script, and tells whether it is still there.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Returns npm's process id. npm runs a script in a shell, which may wait for us or have become us: `parent` is the shell or npm.
 * `undefined` where that cannot be told.
 */
export function findNpm(parent) {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    const [, above, name] =
      /^\s*(\d+)\s+(.*\S)/.exec(
        existsSync(`/proc/${parent}/stat`)
          ? readFileSync(`/proc/${parent}/stat`, 'utf8').replace(
              /^\d+ \((.*)\) \S (\d+) .*/s,
              '$2 $1',
            )
          : execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(parent)], options),
      ) ?? [];
    const isShell = /(?:^|\/)-?\w*sh$/.test(name);
    return isShell ? Number(above) : parent;
  } catch {
    return undefined;
  }
}

/** Returns whether a process with this id runs. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
