// `npm test`, `npm run demo` and `npm run build` on a fresh clone: each does its own set-up, then its work.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Before anything else: who started this may be gone by the time that the demo asks. */
const parent = process.ppid;
const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpm = manifest.packageManager.split('+')[0];
const tool = (name) => join(root, 'node_modules', '.bin', windows ? `${name}.cmd` : name);

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: windows,
    env: { ...process.env, ...env },
  });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

function install() {
  // pnpm has installed already when it runs this script itself (`verifyDepsBeforeRun`).
  const byPnpm = process.env.npm_config_user_agent?.startsWith('pnpm/') ?? false;
  if (byPnpm && existsSync(tool('vitest'))) return;
  run(windows ? 'npx.cmd' : 'npx', [
    '--yes',
    pnpm,
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
  ]);
}

function build() {
  run(process.execPath, [join(root, 'scripts', 'build.mjs')]);
}

async function test(args) {
  install();
  build();
  const { ensureChromium } = await import('./chromium.mjs');
  const chromium = await ensureChromium();
  run(tool('vitest'), ['run', ...args], { CHROMIUM_PATH: chromium });
}

const [, , command, ...args] = process.argv;
const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  process.stderr.write(`Node 20 or newer is needed, this is ${process.version}\n`);
  process.exit(1);
}
switch (command) {
  case 'test':
    await test(args);
    break;
  case 'build':
    install();
    build();
    break;
  case 'demo': {
    install();
    // The demo handles its own signals, so it must be this process and not a child of it.
    const { demo } = await import('./demo.mjs');
    await demo(parent);
    break;
  }
  default:
    process.stderr.write('Usage: node scripts/run.mjs test | build | demo\n');
    process.exit(1);
}
