import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CommandIo, printable, printableJson } from './command-io';
import { type Judgement, judgeStream } from './judge-stream';
import { judgeCorsHeaders, probePreflight } from './probe-cors';
import { probeStream } from './probe-stream';
import { readArgs, readNumber, UsageError } from './read-args';
import type { StreamReport } from './stream-report';

const USAGE = `magi-stream probe <url> [options]

Asks <url> one question, which costs what a question costs, watches the answer come, and tells whether it streams. Ends with 0 when it
does, with 1 when it does not or nothing can be told, and with 2 when the command line is wrong.

  --ask <text>            the question; ask for an answer that takes some seconds. Default: one for a short story
  --input <file>          the JSON to send instead of an AG-UI RunAgentInput
  --token-env <name>      the environment variable whose value is sent as a bearer token
  --header "<name>: <value>"  a further header; may be repeated. Other users of this machine can read a command line: no secrets
  --origin <origin>       asks as a page of this origin, and checks CORS as a browser does
  --timeout <seconds>     1 to 900; default: 120
  --json                  prints the figures as one JSON object`;

const OPTIONS = {
  ask: { type: 'string', default: 'Tell me a story of about 200 words.' },
  input: { type: 'string' },
  'token-env': { type: 'string' },
  header: { type: 'string', multiple: true },
  origin: { type: 'string' },
  timeout: { type: 'string', default: '120' },
  json: { type: 'boolean', default: false },
} as const;

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UsageError('<url> must begin with https:// or http://');
  if (url.username || url.password)
    throw new UsageError('<url> must hold no user and no password: see --token-env');
  return url;
}

function readOrigin(text: string | undefined): string | undefined {
  if (text !== undefined && (!URL.canParse(text) || new URL(text).origin !== text))
    throw new UsageError('--origin must be like https://page.example, without a path');
  return text;
}

function readHeaders(
  lines: readonly string[],
  tokenName: string | undefined,
  env: CommandIo['env'],
): Record<string, string> {
  const headers = new Headers({ accept: 'text/event-stream', 'content-type': 'application/json' });
  for (const line of lines) {
    const [name = '', ...rest] = line.split(':');
    try {
      if (rest.length === 0) throw new TypeError();
      headers.set(name.trim(), rest.join(':').trim());
    } catch {
      throw new UsageError('--header must be like "name: value"');
    }
  }
  if (tokenName !== undefined) {
    const token = env[tokenName];
    if (!token)
      throw new UsageError(`--token-env: the environment variable ${tokenName} is not set`);
    try {
      headers.set('authorization', `Bearer ${token}`);
    } catch {
      throw new UsageError(`--token-env: ${tokenName} holds what no header may hold`);
    }
  }
  return Object.fromEntries(headers);
}

async function readBody(file: string | undefined, ask: string): Promise<string> {
  if (file === undefined) {
    const messages = [{ id: randomUUID(), role: 'user', content: ask }];
    const ids = { threadId: randomUUID(), runId: randomUUID() };
    return JSON.stringify({
      ...ids,
      messages,
      tools: [],
      context: [],
      state: {},
      forwardedProps: {},
    });
  }
  try {
    const text = await readFile(file, 'utf8');
    JSON.parse(text);
    return text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      `--input: ${file} ${code === undefined ? 'holds no JSON' : `cannot be read (${code})`}`,
    );
  }
}

const ms = (time: number | undefined) => (time === undefined ? 'never' : `${Math.round(time)} ms`);

function describe(report: StreamReport, { verdict, findings }: Judgement): string[] {
  const { status, gapMs } = report;
  const lines = [`${verdict}: ${findings.map(printable).join('\n  ')}`, ''];
  if (status === undefined) return lines.slice(0, 1);
  lines.push(`  status       ${status}, ${printable(report.contentType ?? 'no content type')}`);
  if (report.body !== undefined) lines.push(`  body         ${printable(report.body) || 'empty'}`);
  if (report.firstByteMs === undefined) return lines;
  lines.push(
    `  first byte   ${ms(report.firstByteMs)}`,
    `  first text   ${ms(report.firstTextMs)}`,
    `  end          ${ms(report.endMs)}`,
    `  events       ${report.events} in ${report.bytes} bytes, ${report.textEvents} of them text`,
  );
  if (gapMs)
    lines.push(
      `  text gaps    ${ms(gapMs.median)} median, ${ms(gapMs.p95)} p95, ${ms(gapMs.max)} max`,
    );
  return lines;
}

/** A server may repeat what it was sent, and this may be a log that others read. */
function withoutSecrets(text: string, headers: Readonly<Record<string, string>>): string {
  const { authorization = '', accept, 'content-type': _type, origin, ...others } = headers;
  return [authorization, authorization.replace(/^Bearer /, ''), ...Object.values(others)]
    .filter((secret) => secret.length >= 4)
    .reduce((told, secret) => told.replaceAll(secret, '***'), text);
}

/** Asks a URL one question and tells whether its answer streams. */
export async function runProbe(args: readonly string[], io: CommandIo): Promise<number> {
  const read = readArgs(args, OPTIONS, 'url');
  if (read === undefined) {
    io.print(USAGE);
    return 0;
  }
  const { values } = read;
  const url = readUrl(read.argument);
  const origin = readOrigin(values.origin);
  const headers = readHeaders(values.header ?? [], values['token-env'], io.env);
  const body = await readBody(values.input, values.ask);
  const limit = AbortSignal.timeout(readNumber('timeout', values.timeout, 1, 900) * 1_000);
  const signal = AbortSignal.any([io.signal, limit]);

  const cors: string[] = [];
  if (origin !== undefined) {
    const preflight = probePreflight(url, origin, Object.keys(headers), signal);
    cors.push(...(await preflight.catch(() => ['CORS: the preflight got no answer'])));
    headers.origin = origin;
  }
  const { report, answer } = await probeStream({ url, headers, body, signal });
  if (origin !== undefined && answer) {
    const problem = judgeCorsHeaders(answer.headers, origin, 'the answer');
    if (problem !== undefined) cors.push(problem);
  }
  const judged = judgeStream(report);
  const judgement: Judgement = {
    verdict: cors.length > 0 ? 'failed' : judged.verdict,
    findings: [...cors, ...judged.findings],
  };
  const text = values.json
    ? printableJson({ ...judgement, ...report })
    : describe(report, judgement).join('\n');
  io.print(withoutSecrets(text, headers));
  return judgement.verdict === 'streams' ? 0 : 1;
}
