import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FunctionUrlHandler, startFunctionUrl } from '../local';
import { streamHandler } from '../stream-handler';
import { runCommandLine } from './run-command-line';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magi-cli-'));
  await writeFile(
    join(folder, 'handler.mjs'),
    `
const tag = Symbol.for('aws.lambda.runtime.handler.streaming');
export const handler = async (event, stream) => { stream.setContentType('text/plain'); stream.end('served'); };
handler[tag] = 'response';
export const plain = async () => 'buffered';
`,
  );
  await writeFile(
    join(folder, 'common.cjs'),
    `module['exports'] = { [['hand', 'ler'].join('')]: () => {} };`,
  );
  await writeFile(join(folder, 'broken.mjs'), 'throw new Error("its own words");');
  await writeFile(join(folder, 'empty.json'), 'nothing');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

/** Runs a command line to its end; `onPrint` sees each line as it is printed. */
async function run(
  args: readonly string[],
  {
    env = {},
    onPrint,
  }: { env?: Record<string, string>; onPrint?: (line: string, end: () => void) => void } = {},
) {
  const out: string[] = [];
  const errors: string[] = [];
  const controller = new AbortController();
  const code = await runCommandLine(args, {
    print(line) {
      out.push(line);
      onPrint?.(line, () => controller.abort());
    },
    printError: (line) => void errors.push(line),
    env,
    signal: controller.signal,
  });
  return { code, out: out.join('\n'), errors: errors.join('\n') };
}

describe('magi-stream', () => {
  it.each([
    [[], 'a command is missing'],
    [['prob'], 'there is no command "prob"'],
    [['dev'], '<file> is missing'],
    [['dev', 'a', 'b'], 'one <file> expected, got 2'],
    [['dev', 'nowhere.mjs'], 'there is no file'],
    [['dev', 'x', '--prot', '1'], "Unknown option '--prot'"],
    [['dev', 'x', '--port', '70000'], '--port must be a whole number from 0 to 65535'],
    [['dev', 'x', '--port', '80.5'], '--port must be a whole number'],
    [['dev', 'x', '--timeout', ''], '--timeout must be a whole number from 1 to 900'],
    [['dev', 'x', '--cors', 'p.example'], '--cors must be like https://page.example'],
    [['probe', 'example.com'], '<url> must begin with https:// or http://'],
    [['probe', 'https://a:b@a.example'], '<url> must hold no user and no password'],
    [['probe', 'https://a.example', '--header', 'x'], '--header must be like "name: value"'],
    [['probe', 'https://a.example', '--header', 'a b: x'], '--header must be like "name: value"'],
    [['probe', 'https://a.example', '--token-env', 'NO_SUCH'], 'variable NO_SUCH is not set'],
    [['probe', 'https://a.example', '--origin', 'https://p.example/'], '--origin must be like'],
    [['probe', 'https://a.example', '--input', 'nowhere.json'], 'cannot be read (ENOENT)'],
  ])('%j is refused with a reason and 2', async (args, reason) => {
    const { code, out, errors } = await run(args);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(errors).toContain(`magi-stream: `);
    expect(errors).toContain(reason);
  });

  it.each([
    [['--help'], 'probe <url>'],
    [['dev', '--help'], '--handler <name>'],
    [['probe', '-h'], '--token-env <name>'],
  ])('%j helps', async (args, words) => {
    const { code, out } = await run(args);
    expect(code).toBe(0);
    expect(out).toContain(words);
  });
});

describe('magi-stream dev', () => {
  it('serves the handler of a file until it is told to end', async () => {
    let served: Promise<string> | undefined;
    const { code, out } = await run(['dev', join(folder, 'handler.mjs'), '--port', '0'], {
      onPrint(line, end) {
        const [url] = /http:\/\/127\S+/.exec(line) ?? [];
        if (url === undefined || served) return;
        served = fetch(url)
          .then((response) => response.text())
          .finally(end);
      },
    });
    expect(code).toBe(0);
    expect(await served).toBe('served');
    expect(out).toContain('npx magi-stream probe http://127.0.0.1:');
  });

  it('answers CORS for the pages that are named', async () => {
    let allowed: Promise<string | null> | undefined;
    const args = ['dev', join(folder, 'handler.mjs'), '--port', '0', '--cors', 'https://p.example'];
    await run(args, {
      onPrint(line, end) {
        const [url] = /http:\/\/127\S+/.exec(line) ?? [];
        if (url === undefined || allowed) return;
        allowed = fetch(url, { headers: { origin: 'https://p.example' } })
          .then(({ headers }) => headers.get('access-control-allow-origin'))
          .finally(end);
      },
    });
    expect(await allowed).toBe('https://p.example');
  });

  it.each([
    ['handler.mjs', ['--handler', 'nothing'], 2, 'exports no "nothing"'],
    ['handler.mjs', ['--handler', 'plain'], 1, 'must be a streaming handler'],
    ['common.cjs', [], 1, 'must be a streaming handler'],
  ])('%s %j ends with %i', async (file, more, expected, reason) => {
    const { code, errors } = await run(['dev', join(folder, file), '--port', '0', ...more]);
    expect(code).toBe(expected);
    expect(errors).toContain(reason);
  });

  it('hands on what the file throws', async () => {
    await expect(run(['dev', join(folder, 'broken.mjs')])).rejects.toThrow('its own words');
  });

  it('says that a port is taken', async () => {
    const handler = streamHandler(async function* () {}, { authorize: null }) as FunctionUrlHandler;
    const other = await startFunctionUrl(handler);
    close = other.close;
    const { port } = new URL(other.url);
    const { code, errors } = await run(['dev', join(folder, 'handler.mjs'), '--port', port]);
    expect(code).toBe(1);
    expect(errors).toBe(`Port ${port} of 127.0.0.1 is taken: see --port`);
  });
});

describe('magi-stream probe', () => {
  async function serve(cors?: { allowOrigins: string[]; allowHeaders?: string[] }, own = false) {
    const asked: unknown[] = [];
    const handler = streamHandler(
      async function* ({ input, headers: { authorization, 'x-tenant': tenant } }) {
        asked.push([input.messages.at(-1)?.content, authorization, tenant]);
        yield 'Hello';
      },
      { authorize: null, ...(own && { cors: { origins: ['https://p.example'] } }) },
    ) as FunctionUrlHandler;
    const started = await startFunctionUrl(handler, cors ? { cors } : {});
    close = started.close;
    return { url: started.url, asked };
  }

  it('asks our handler, with token and headers, and prints the figures', async () => {
    const { url, asked } = await serve();
    const args = [
      'probe',
      url,
      '--ask',
      'Who?',
      '--token-env',
      'TOKEN',
      '--header',
      'X-Tenant: a:b',
      '--json',
    ];
    const { code, out } = await run(args, { env: { TOKEN: 'secret' } });
    expect(asked).toEqual([['Who?', 'Bearer secret', 'a:b']]);
    expect(JSON.parse(out)).toMatchObject({ status: 200, terminal: 'RUN_FINISHED', textEvents: 1 });
    expect(out).not.toContain('secret');
    // One word is too little to tell.
    expect(code).toBe(1);
  });

  it('prints what a person reads, with nothing in it that moves the cursor', async () => {
    const handler = Object.assign(
      async (
        _event: unknown,
        stream: { setContentType(type: string): void; end(text: string): void },
      ) => {
        stream.setContentType('text/html');
        stream.end('<h1>\u001b[2Jno\u0007</h1>');
      },
      { [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response' },
    );
    const { url, close: end } = await startFunctionUrl(handler as never);
    close = end;
    const { code, out } = await run(['probe', url]);
    expect(code).toBe(1);
    expect(out.split('\n')).toEqual([
      'failed: the answer is no event stream: its content type is text/html',
      '',
      '  status       200, text/html',
      '  body         <h1> [2Jno </h1>',
    ]);
  });

  it.each([[], ['--json']])(
    'prints no secret that comes back to it, and no control characters, with %j',
    async (...more) => {
      const handler = Object.assign(
        async (
          { headers }: { headers: Record<string, string> },
          stream: { setContentType(type: string): void; end(text: string): void },
        ) => {
          stream.setContentType('text/plain');
          stream.end(`${headers.authorization} ${headers['x-key']} \u009b31m \u202e`);
        },
        { [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response' },
      );
      const { url, close: end } = await startFunctionUrl(handler as never);
      close = end;
      const args = ['probe', url, '--token-env', 'TOKEN', '--header', 'x-key: k3y-value', ...more];
      const { out } = await run(args, { env: { TOKEN: 's3cr3t' } });
      expect(out).toContain('*** ***');
      expect(out).not.toMatch(/s3cr3t|k3y-value|[\u007f-\u009f\u202e]/);
    },
  );

  it.each([
    ['nobody does CORS', undefined, false, ['the preflight got HTTP']],
    [
      'the URL does it',
      { allowOrigins: ['https://p.example'], allowHeaders: ['content-type'] },
      false,
      [],
    ],
    [
      'a header is missing',
      { allowOrigins: ['https://p.example'] },
      false,
      ['the header content-type is not allowed'],
    ],
    [
      'another page',
      { allowOrigins: ['https://q.example'], allowHeaders: ['*'] },
      false,
      ['names no allowed origin'],
    ],
    [
      'both do it',
      { allowOrigins: ['https://p.example'], allowHeaders: ['*'] },
      true,
      ['names the allowed origin twice'],
    ],
  ])('checks CORS when %s', async (_when, cors, own, problems) => {
    const { url } = await serve(cors, own);
    const { out } = await run(['probe', url, '--origin', 'https://p.example', '--json']);
    const { findings } = JSON.parse(out);
    const found = findings.filter((finding: string) => finding.startsWith('CORS'));
    for (const problem of problems) expect(found.join()).toContain(problem);
    if (problems.length === 0) expect(found).toEqual([]);
  });
});
