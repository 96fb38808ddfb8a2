import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { builtinModules, createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preProcessFile } from 'typescript';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packPackages } from '../../scripts/pack.mjs';
import { runCommand } from '../support/run-command';
import { readSnippets } from './readme-snippets';

const root = new URL('../../', import.meta.url);
const snippets = readSnippets(new URL('README.md', root));

const { resolve } = createRequire(new URL('packages/stream-react/package.json', root));
/** Runs the README's client and page against the README's server, with a scripted Bedrock behind the unmodified SDK. */
const drive = `
import { JSDOM } from ${JSON.stringify(resolve('jsdom'))};

/** The page in a document: what it sends when nothing is typed, and what it shows after a run that failed. */
async function usePage(url, bedrock, element, reactDom) {
  const { window } = new JSDOM('<main></main>', { url });
  const { document, FormData } = window;
  Object.assign(globalThis, { window, document, FormData });
  globalThis.navigator ??= window.navigator; // Node 20 has none
  const { createRoot } = await reactDom();
  createRoot(document.querySelector('main')).render(element);
  const find = async (selector) => {
    for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 5))) {
      const found = document.querySelector(selector);
      if (found) return found;
    }
    throw new Error(selector + ' is not in ' + document.body.innerHTML);
  };
  const button = await find('button');
  const before = bedrock.requests.length;
  button.click();
  await new Promise((resolve) => setTimeout(resolve, 50));
  const blank = bedrock.requests.length - before;
  bedrock.faultNext({ kind: 'exception', name: 'throttlingException', afterFrames: 1 });
  (await find('input')).value = 'Who is there?';
  button.click();
  const alert = (await find('[role=alert]')).textContent;
  const buttons = [...document.querySelectorAll('button')].map((shown) => shown.textContent);
  return { blank, alert, buttons };
}

export async function drive({ local, testing, server, client, chat, react, reactServer, reactDom }) {
  const bedrock = await testing.startBedrock({ agents: { '*': ['Hello', ', ', '世界'] } });
  process.env.AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME = bedrock.url;
  const { handler } = await server();
  const url = await local.startFunctionUrl(handler, { port: 0 });
  const { ask } = await client();
  const said = [];
  const log = console.log;
  console.log = (text) => said.push(text);
  const result = await ask(url.url, 'Who is there?', async () => 'a-token');
  console.log = log;
  const { Chat } = await chat();
  const element = react.createElement(Chat, { url: url.url });
  const html = reactServer.renderToString(element);
  const page = await usePage(url.url, bedrock, element, reactDom);
  await url.close();
  await bedrock.close();
  console.log(JSON.stringify({ said: said.join(''), result, html, page }));
}
`;
const esm = `
import { drive } from '../drive.mjs';
import * as local from '@magi/lambda-stream/local';
import * as testing from '@magi/lambda-stream/testing';
import * as react from 'react';
import * as reactServer from 'react-dom/server';
await drive({
  local, testing, react, reactServer,
  server: () => import('./server.js'), client: () => import('./client.js'), chat: () => import('./chat.js'),
  reactDom: () => import('react-dom/client'),
});
process.exit(0); // the README's SDK client keeps its connections
`;
const cjs = `
const local = require('@magi/lambda-stream/local');
const testing = require('@magi/lambda-stream/testing');
import('../drive.mjs').then(async ({ drive }) => {
  await drive({
    local, testing, react: require('react'), reactServer: require('react-dom/server'),
    server: async () => require('./server.js'), client: async () => require('./client.js'),
    chat: async () => require('./chat.js'), reactDom: async () => require('react-dom/client'),
  });
  process.exit(0);
});
`;
const tsconfig = {
  compilerOptions: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    jsx: 'react-jsx',
    strict: true,
    exactOptionalPropertyTypes: true,
    types: ['node', 'react'],
    skipLibCheck: true, // the AWS SDK's declarations are not ours to check
  },
  include: ['esm', 'cjs'],
};

async function manifestOf(folder: URL): Promise<Record<string, Record<string, string>>> {
  return JSON.parse(await readFile(new URL('package.json', folder), 'utf8'));
}

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
let typeErrors: string;
let folder: string;
let packed: { name: string; file: string }[];
const installed = (name: string) => join(folder, 'node_modules', name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magi-packed-'));
  packed = packPackages(folder);
  const { devDependencies: versions = {} } = await manifestOf(new URL('tests/', root));
  const wanted = [
    '@aws-sdk/client-bedrock-agent-runtime',
    '@types/node',
    '@types/react',
    'react',
    'react-dom',
  ].map((name) => `${name}@${versions[name]}`);
  await writeFile(join(folder, 'package.json'), '{"private":true}');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  const files = packed.map(({ file }) => file);
  await runCommand('npm', ['install', ...quiet, ...files, ...wanted], { cwd: folder });

  await writeFile(join(folder, 'drive.mjs'), drive);
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const [kind, type, main] of [
    ['esm', 'module', esm],
    ['cjs', 'commonjs', cjs],
  ] as const) {
    await mkdir(join(folder, kind));
    await writeFile(join(folder, kind, 'package.json'), JSON.stringify({ type }));
    await writeFile(join(folder, kind, 'server.ts'), snippets.server ?? '');
    await writeFile(join(folder, kind, 'client.ts'), snippets.client ?? '');
    await writeFile(join(folder, kind, 'chat.tsx'), snippets.react ?? '');
    await writeFile(join(folder, kind, 'main.js'), main);
  }
  // Type errors do not keep it from writing the JavaScript that the other tests run.
  typeErrors = await runCommand(process.execPath, [tsc], { cwd: folder }).then(
    () => '',
    (error: Error) => error.message,
  );
}, 600_000); // builds what changed, and installs
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe('the packed packages in an empty project', () => {
  test('the README has the three snippets', () => {
    expect(Object.keys(snippets).sort()).toEqual(['client', 'react', 'server']);
  });

  test('the snippets type-check as ESM and as CommonJS under nodenext', () => {
    expect(typeErrors).toBe('');
  });

  for (const kind of ['esm', 'cjs']) {
    test(`the snippets run as written as ${kind}`, async () => {
      const env = {
        PATH: process.env.PATH,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
      };
      const output = await runCommand(process.execPath, [`${kind}/main.js`], { cwd: folder, env });
      const { said, result, html, page } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
      expect(said).toBe('Hello, 世界');
      expect(result).toMatchObject({ outcome: 'finished' });
      expect(html).toContain('<button>Ask</button>');
      expect(page).toEqual({ blank: 0, alert: expect.stringMatching(/./), buttons: ['Ask'] });
    });
  }
});

describe('each packed package', () => {
  const names = ['stream-protocol', 'lambda-stream', 'stream-client', 'stream-react'];
  for (const name of names.map((short) => `@magi/${short}`)) {
    test(`${name} carries no trace of this workspace`, async () => {
      const text = await readFile(join(installed(name), 'package.json'), 'utf8');
      expect(text).not.toMatch(/magi-source|workspace:|\/src\//);
      const files = await readdir(installed(name));
      expect(files.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json']);
    });

    test(`${name} declares every package that it imports`, async () => {
      const manifest = JSON.parse(await readFile(join(installed(name), 'package.json'), 'utf8'));
      const declared = { ...manifest.dependencies, ...manifest.peerDependencies };
      const entries = await readdir(join(installed(name), 'dist'), { recursive: true });
      const undeclared = new Set<string>();
      for (const entry of entries.filter((file) => /\.(c?js|d\.c?ts)$/.test(file))) {
        const text = await readFile(join(installed(name), 'dist', entry), 'utf8');
        for (const { fileName } of preProcessFile(text, true, true).importedFiles) {
          if (/^(\.|node:)/.test(fileName) || builtinModules.includes(fileName)) continue;
          const parts = fileName.split('/').slice(0, fileName.startsWith('@') ? 2 : 1);
          if (!(parts.join('/') in declared)) undeclared.add(`${entry}: ${fileName}`);
        }
      }
      expect([...undeclared]).toEqual([]);
    });
  }
});

test('the installed command serves a handler and probes it', async () => {
  const command = join(folder, 'node_modules', '.bin', 'magi-stream');
  await writeFile(
    join(folder, 'hello.mjs'),
    `import { streamHandler } from '@magi/lambda-stream';
    export const handler = streamHandler(async function* () { yield 'Hello'; }, { authorize: null });`,
  );
  const dev = spawn(command, ['dev', 'hello.mjs', '--port', '0'], { cwd: folder });
  try {
    let said = '';
    for await (const data of dev.stdout) {
      said += data;
      if (said.includes('npx magi-stream probe http://')) break;
    }
    const url = /http:\/\/\S+/.exec(said)?.[0] ?? '';
    // Ends with 1, as one word is too little to tell whether it streams.
    const probed = runCommand(command, ['probe', url, '--json'], { cwd: folder });
    await expect(probed).rejects.toThrow(
      /ended with 1:\n\{"verdict":"inconclusive".*"terminal":"RUN_FINISHED"/,
    );
  } finally {
    const ended = once(dev, 'exit');
    dev.kill('SIGINT');
    expect((await ended)[0]).toBe(0);
  }
});

test('the core entries load where no optional peer is installed', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'magi-bare-'));
  try {
    await writeFile(join(bare, 'package.json'), '{"private":true,"type":"module"}');
    const files = packed.filter(({ name }) => name !== '@magi/stream-react').map((p) => p.file);
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--offline'];
    await runCommand('npm', ['install', ...quiet, ...files], { cwd: bare });
    expect(await readdir(join(bare, 'node_modules'))).not.toContain('@aws-sdk');
    const script = `
      await Promise.all(['stream-protocol', 'stream-protocol/sse', 'stream-client', 'lambda-stream']
        .map((name) => import('@magi/' + name)));
      const { createRequire } = await import('node:module');
      createRequire(import.meta.url)('@magi/lambda-stream');
      console.log('loaded');`;
    await writeFile(join(bare, 'load.js'), script);
    expect(await runCommand(process.execPath, ['load.js'], { cwd: bare })).toBe('loaded\n');
  } finally {
    await rm(bare, { recursive: true, force: true });
  }
});
