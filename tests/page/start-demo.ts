import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/demo.mjs', import.meta.url));

/** The demo as `npm run demo` starts it, in a process of its own. */
export interface Demo {
  readonly pageUrl: string;
  readonly functionUrl: string;
  readonly process: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  /** Sends Ctrl-C and resolves to the exit code. */
  stop(): Promise<number | null>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('No free port');
  return address.port;
}

export function spawnDemo(env: Record<string, string>, command = [process.execPath, script]) {
  const [file = '', ...args] = command;
  const child = spawn(file, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, output: () => output };
}

/** Starts the demo the way npm does: the child is a shell that waits for it. */
export const throughShell = ['sh', '-c', '"$0" "$1"; exit $?', process.execPath, script];

/** The same with the process above the shell, in npm's place. */
export const asNpm = [
  process.execPath,
  '-e',
  `require('node:child_process').spawn(process.argv[1], process.argv.slice(2), { stdio: 'inherit' })`,
  ...throughShell,
];

/** Builds what changed, starts the demo on a free port, and resolves once it has printed its addresses. */
export async function startDemo(
  env: Record<string, string> = {},
  command?: string[],
): Promise<Demo> {
  const { child, ended, output } = spawnDemo({ PORT: String(await freePort()), ...env }, command);
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
  });
  const find = (pattern: RegExp) => pattern.exec(output())?.[1];
  for (;;) {
    const pageUrl = find(/^(http:\/\/localhost:\d+\/chat)$/m);
    const functionUrl = find(/^(http:\/\/127\.0\.0\.1:\d+\/)$/m);
    if (pageUrl && functionUrl) {
      const stop = () => {
        child.kill('SIGINT');
        return ended;
      };
      return { pageUrl, functionUrl, process: child, output, stop };
    }
    if (hasEnded) throw new Error(`The demo ended before it was ready:\n${output()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
