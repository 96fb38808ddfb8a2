// Type-checks every workspace package, two at a time.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
const children = (folder) => readdirSync(join(root, folder)).map((name) => join(folder, name));
const projects = [
  ...children('packages'),
  ...children('examples'),
  'tests',
  'tests/page',
  '.',
].filter((folder) => existsSync(join(root, folder, 'tsconfig.json')));

let failed = 0;
async function worker() {
  for (let project = projects.shift(); project !== undefined; project = projects.shift()) {
    const child = spawn(process.execPath, [tsc, '-p', project, '--noEmit'], { cwd: root });
    let output = '';
    child.stdout.on('data', (data) => {
      output += data;
    });
    child.stderr.on('data', (data) => {
      output += data;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    process.stdout.write(`${code === 0 ? 'ok  ' : 'FAIL'} ${project}\n${output}`);
    if (code !== 0) failed += 1;
  }
}
await Promise.all([worker(), worker()]);
process.exit(failed === 0 ? 0 : 1);
