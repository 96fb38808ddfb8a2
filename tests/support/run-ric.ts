import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RuntimeApi, startRuntimeApi } from './runtime-api';

export interface RicOptions {
  /** The Node executable that runs the runtime. Default: this process's own. */
  node?: string;
  /** An ES module with the handler. */
  bundle: string;
  /** The handler's export. Default: `handler`. */
  exportName?: string;
  env?: Readonly<Record<string, string>>;
  /** Flags for Node. */
  flags?: readonly string[];
}

/** A process of the real Lambda runtime client. */
export interface Ric {
  readonly pid: number;
  /** `undefined` while the process runs. */
  readonly exitCode: number | null | undefined;
  readonly invoke: RuntimeApi['invoke'];
  /** Resolves when the runtime has done all work of the last invocation and asks for the next. */
  readonly idle: RuntimeApi['ready'];
  /** From the start of the process to its first request for an invocation. */
  readonly initMs: number;
  /** Standard output and standard error so far. */
  output(): string;
  /** Memory, and the CPU time of all threads so far, from `/proc`: Linux only. */
  usage(): Promise<{ peakRssKiB: number; rssKiB: number; cpuMs: number }>;
  stop(): Promise<void>;
}

/** The addon serves buffered handlers only, so that its absence shows at once when one of ours is taken for buffered. */
const stub = `const refuse = (name) => () => { throw new Error('The native client was asked for ' + name); };
module.exports = { next: refuse('next'), done: refuse('done'), error: refuse('error') };
`;

async function installRuntime(folder: string): Promise<string> {
  const runtime = createRequire(import.meta.url).resolve('aws-lambda-ric');
  const copy = join(folder, 'runtime', 'index.mjs');
  const addon = join(folder, 'runtime', 'rapid-client.node');
  await mkdir(addon, { recursive: true });
  await copyFile(runtime, copy);
  await writeFile(join(addon, 'package.json'), '{"type":"commonjs","main":"index.js"}');
  await writeFile(join(addon, 'index.js'), stub);
  return copy;
}

async function readUsage(pid: number): ReturnType<Ric['usage']> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  let nanoseconds = 0;
  for (const task of await readdir(`/proc/${pid}/task`)) {
    // A thread may end between the listing and the reading.
    const stat = await readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0');
    nanoseconds += Number(stat.split(' ')[0]);
  }
  return { peakRssKiB: kib('VmHWM'), rssKiB: kib('VmRSS'), cpuMs: nanoseconds / 1e6 };
}

/** Starts a handler under the real `aws-lambda-ric`, without its native build and without the `awslambda` global. */
export async function startRic(options: RicOptions): Promise<Ric> {
  const folder = await mkdtemp(join(tmpdir(), 'magi-ric-'));
  const runtime = await installRuntime(folder);
  const task = join(folder, 'task');
  await mkdir(task);
  await copyFile(options.bundle, join(task, 'index.mjs'));
  const api = await startRuntimeApi();
  const startedAt = performance.now();
  const handler = `index.${options.exportName ?? 'handler'}`;
  const child = spawn(
    options.node ?? process.execPath,
    [...(options.flags ?? []), runtime, handler],
    {
      cwd: task,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH ?? '',
        AWS_LAMBDA_RUNTIME_API: api.address,
        AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1: 'true',
        AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA: '1',
        _HANDLER: handler,
        LAMBDA_TASK_ROOT: task,
        AWS_LAMBDA_FUNCTION_NAME: 'agent',
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
        AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/agent',
        AWS_LAMBDA_LOG_STREAM_NAME: 'test',
        ...options.env,
      },
    },
  );
  let output = '';
  let exitCode: number | null | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      exitCode = code;
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    await api.close();
    await rm(folder, { recursive: true, force: true });
  };
  const died = exited.then(() => {
    throw new Error(`The runtime ended with code ${exitCode} before it was ready:\n${output}`);
  });
  try {
    await Promise.race([api.ready(), died]);
  } catch (error) {
    await stop();
    throw error;
  }
  died.catch(() => undefined); // from here on an exit is a result to look at
  const initMs = performance.now() - startedAt;
  const pid = child.pid ?? 0;
  return {
    pid,
    get exitCode() {
      return exitCode;
    },
    invoke: api.invoke,
    idle: api.ready,
    initMs,
    output: () => output,
    usage: () => readUsage(pid),
    stop,
  };
}
