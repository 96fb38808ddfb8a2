// The demo: stand-in for Bedrock, function URL and page, all on this machine, none of them on the network.
import { fork, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNpm, isAlive } from './npm-process.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = join(root, 'examples', 'amplify-chat');
const output = join(example, '.local');
const stamps = join(root, 'node_modules', '.cache', 'magi-demo');
const windows = process.platform === 'win32';
const say = (line) => process.stdout.write(`${line}\n`);

function readPort(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`Set ${name} to a port number: got "${text}"`);
}

/** Resolves to a port that was free a moment ago: the one asked for, or any for 0. */
function claimPort(port, variable) {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        new Error(
          taken
            ? `Port ${port} is taken: stop what listens there, or choose another with ${variable}=<port> npm run demo`
            : `Port ${port} cannot be used (${error.code}): choose another with ${variable}=<port> npm run demo`,
        ),
      );
    });
    // No host: taken on any address counts as taken, since browsers try both for "localhost".
    probe.listen({ port, exclusive: true }, () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
}

/** Runs one step of the build to its end. */
async function runStep(family, title, args) {
  say(title);
  const child = spawn(process.execPath, args, {
    cwd: example,
    detached: !windows,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
  const code = await family.run(child);
  if (code !== 0) throw new Error(`${title} failed`);
}

function hashTree(hash, path) {
  for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (['node_modules', '.next', '.local', '.amplify'].includes(entry.name)) continue;
    const each = join(path, entry.name);
    if (entry.isDirectory()) hashTree(hash, each);
    else if (!/\.test\.tsx?$|\.d\.c?ts$|\.map$|next-env|tsbuildinfo/.test(entry.name))
      hash.update(each.slice(root.length)).update(readFileSync(each));
  }
}

/** Everything the page and the handler are built from. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  hashTree(hash, example);
  for (const name of readdirSync(join(root, 'packages'))) {
    const dist = join(root, 'packages', name, 'dist');
    if (existsSync(dist)) hashTree(hash, dist);
  }
  hash.update(readFileSync(join(root, 'pnpm-lock.yaml')));
  return hash.digest('hex');
}

/** Bundles the way Amplify's `defineFunction` does: one minified ES module with the SDK inside. */
async function bundle() {
  const { build, stop } = await import(
    pathToFileURL(join(root, 'node_modules', 'esbuild', 'lib', 'main.js')).href
  );
  const shared = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  };
  await build({
    ...shared,
    minify: true,
    entryPoints: [join(example, 'amplify', 'functions', 'agent-stream', 'handler.ts')],
    outfile: join(output, 'handler', 'index.mjs'),
  });
  await build({
    ...shared,
    entryPoints: [join(example, 'local', 'serve.ts')],
    outfile: join(output, 'serve.mjs'),
  });
  await stop(); // its service process would otherwise live as long as the demo
}

const nextBin = () => join(example, 'node_modules', 'next', 'dist', 'bin', 'next');

const stamp = join(stamps, 'example');

function isBuilt() {
  const built = join(example, '.next', 'BUILD_ID');
  return existsSync(stamp) && existsSync(built) && readFileSync(stamp, 'utf8') === fingerprint();
}

async function buildPage(family) {
  await runStep(family, 'Building the page (about half a minute)', [nextBin(), 'build']);
  mkdirSync(stamps, { recursive: true });
  writeFileSync(stamp, fingerprint());
}

/** Children in process groups of their own, all ended when this process is told to end or when one that must stay ends. */
function createFamily(parent) {
  const children = new Map();
  let closing;

  function signalGroup(child, signal) {
    try {
      if (windows) child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it has gone already
    }
  }

  function close(code) {
    closing ??= (async () => {
      const endings = [...children.values()];
      for (const child of children.keys()) signalGroup(child, 'SIGTERM');
      const impatience = setTimeout(() => {
        for (const child of children.keys()) signalGroup(child, 'SIGKILL');
      }, 3_000);
      await Promise.all(endings);
      clearTimeout(impatience);
      process.exit(code);
    })();
    return closing;
  }

  /** Resolves to the exit code. Never resolves once everything is being closed. */
  function run(child) {
    const ending = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(signal ? 1 : code));
    }).finally(() => children.delete(child));
    children.set(
      child,
      ending.catch(() => undefined),
    );
    return ending.then((code) => (closing ? new Promise(() => undefined) : code));
  }

  /** Ends everything when this child ends. */
  function keep(name, child) {
    run(child).then(
      (code) => {
        process.stderr.write(`${name} ended unexpectedly (exit code ${code})\n`);
        void close(code || 1);
      },
      (error) => {
        process.stderr.write(`${name} could not be started: ${error.message}\n`);
        void close(1);
      },
    );
    return child;
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void close(0));
  // npm hands a signal to the shell that runs its script, and the shell ends without handing it on.
  // Killed outright npm hands on nothing, and its shell goes on waiting.
  if (process.env.npm_lifecycle_event !== undefined) {
    const npm = windows ? undefined : findNpm(parent);
    const isLeft = () => process.ppid !== parent || (npm !== undefined && !isAlive(npm));
    setInterval(() => isLeft() && close(0), 500).unref();
  }
  return { run, keep, close };
}

/** Resolves when the page answers. */
async function waitForPage(address) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      const response = await fetch(address);
      await response.text();
      if (response.ok) return;
      throw new Error(`The page answers ${response.status}`);
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED' || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

// Should this process be killed outright, the channel to it closes, and its children end by themselves.
const endWithParent = [
  '--import',
  'data:text/javascript,process.on("disconnect",()=>process.exit())',
];

function startChild(script, args, env) {
  return fork(script, args, {
    cwd: example,
    detached: !windows,
    execArgv: endWithParent,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
}

/** Builds what changed, starts everything, prints both addresses, and runs until Ctrl-C, SIGTERM, or the end of a part. */
export async function demo(parent = process.ppid) {
  const family = createFamily(parent);
  try {
    const pagePort = await claimPort(readPort('PORT', 3000), 'PORT');
    const urlPort = await claimPort(readPort('FUNCTION_URL_PORT', 0), 'FUNCTION_URL_PORT');
    await runStep(family, 'Checking the packages', [join(root, 'scripts', 'build.mjs')]);
    const built = isBuilt();
    if (!built) {
      say('Bundling the Lambda handler');
      await bundle();
    }
    const origin = `http://localhost:${pagePort}`;
    const handler = join(output, 'handler', 'index.mjs');
    const server = startChild(join(output, 'serve.mjs'), [handler, root, origin, String(urlPort)]);
    family.keep('The function URL', server);
    const functionUrl = await new Promise((resolve) => {
      server.once('message', (message) => resolve(message.functionUrl));
    });
    // After the function URL, which refuses a wrong setting at once.
    if (!built) await buildPage(family);
    const page = startChild(nextBin(), ['start', '--port', String(pagePort)], {
      AGENT_STREAM_URL: functionUrl,
      CHAT_AGENT: 'local',
      CHAT_AUTH: 'none',
    });
    family.keep('The page', page);
    await waitForPage(`${origin}/chat`);
    say('');
    say(
      'A local agent answers by full-text search over this repository; no language model takes part.',
    );
    say('');
    say('Page:');
    say(`${origin}/chat`);
    say('Function URL:');
    say(functionUrl);
    say('');
    say('Ctrl-C stops everything.');
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    await family.close(1);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await demo();
