// Finds or installs the Chromium that the browser tests drive.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, 'node_modules', '.cache', 'magi-chromium');
/** A Chromium inside a registry package, for machines where apt is not to be had. */
const packaged = '@sparticuz/chromium@153.0.0';

/** Flags for a headless Chromium that asks nothing of the network and runs as root. */
export const chromiumArgs = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const known = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Returns the path of a Chromium on this machine (`CHROMIUM_PATH` wins), or `undefined`. */
export function findChromium() {
  const asked = process.env.CHROMIUM_PATH;
  if (asked) {
    if (!isExecutable(asked)) throw new Error(`CHROMIUM_PATH names no executable: "${asked}"`);
    return asked;
  }
  const unpacked = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name === 'chromium')
        .map((name) => join(cache, name))
    : [];
  return [...known, ...unpacked].find(isExecutable);
}

function aptInstall() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if (spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status !== 0) return false;
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  spawnSync('apt-get', ['update', '-q'], options);
  return (
    spawnSync('apt-get', ['install', '-yq', '--no-install-recommends', 'chromium'], options)
      .status === 0
  );
}

async function packageInstall() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return false;
  mkdirSync(cache, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['install', '--no-save', '--ignore-scripts', '--prefix', cache, packaged], {
    stdio: 'inherit',
  });
  const entry = join(cache, 'node_modules', '@sparticuz', 'chromium', 'build', 'index.js');
  const previous = process.env.TMPDIR;
  process.env.TMPDIR = cache; // it unpacks into the temporary folder
  try {
    const { default: chromium } = await import(pathToFileURL(entry).href);
    return isExecutable(await chromium.executablePath());
  } finally {
    if (previous === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = previous;
  }
}

/** Returns the path of a Chromium, installing one where none is: apt as root, else one that ships inside a registry package. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  process.stdout.write('No Chromium found: installing one for the browser tests\n');
  if (aptInstall() && findChromium()) return findChromium();
  if ((await packageInstall()) && findChromium()) return findChromium();
  throw new Error(
    'The browser tests need Chromium: install it, or set CHROMIUM_PATH to its executable',
  );
}
