import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ORIGIN } from '../check-options';
import { type FunctionUrl, type FunctionUrlHandler, startFunctionUrl } from '../local';
import type { CommandIo } from './command-io';
import { readArgs, readNumber, UsageError } from './read-args';

const USAGE = `magi-stream dev <file> [options]

Serves the streaming handler that <file> exports as a function URL with InvokeMode RESPONSE_STREAM, on this machine, until Ctrl-C.
<file> is JavaScript, or TypeScript where Node runs it (22.18 and newer). Start it under "node --watch" to begin anew at each change.

  --handler <name>    the export that is the handler; default: handler
  --port <number>     default: 8787; 0 takes a free one
  --host <address>    default: 127.0.0.1, which only this machine reaches
  --cors <origin>     answers CORS for pages of this origin, as the URL's own setting would; may be repeated; "*": for every page
  --timeout <seconds> the function's timeout, 1 to 900; default: 30`;

const OPTIONS = {
  handler: { type: 'string', default: 'handler' },
  port: { type: 'string', default: '8787' },
  host: { type: 'string', default: '127.0.0.1' },
  cors: { type: 'string', multiple: true },
  timeout: { type: 'string', default: '30' },
} as const;

/** What the page of a listed origin may do, as docs/deploying.md sets it up on AWS. */
const corsFor = (allowOrigins: readonly string[]) => ({
  allowOrigins,
  allowMethods: ['POST', 'GET', 'DELETE'],
  allowHeaders: ['authorization', 'content-type', 'last-event-id', 'traceparent'],
});

async function load(file: string, name: string): Promise<FunctionUrlHandler> {
  const path = resolve(file);
  await access(path).catch(() => {
    throw new UsageError(`there is no file ${path}`);
  });
  const exported = await import(pathToFileURL(path).href);
  // A CommonJS file's names are on `default` where Node could not find them in its text.
  const handler = exported[name] ?? exported.default?.[name];
  if (handler === undefined)
    throw new UsageError(`${path} exports no ${JSON.stringify(name)}: see --handler`);
  return handler;
}

/** Serves a handler until the user ends it. Rejects with what the handler's file throws: Node then names the line. */
export async function runDev(args: readonly string[], io: CommandIo): Promise<number> {
  const read = readArgs(args, OPTIONS, 'file');
  if (read === undefined) {
    io.print(USAGE);
    return 0;
  }
  const { handler: name, host, cors } = read.values;
  const port = readNumber('port', read.values.port, 0, 65_535);
  if (cors?.some((origin) => origin !== '*' && !ORIGIN.test(origin)))
    throw new UsageError('--cors must be like https://page.example, without a path, or "*"');
  const timeoutMs = readNumber('timeout', read.values.timeout, 1, 900) * 1_000;
  const handler = await load(read.argument, name);
  let started: FunctionUrl;
  try {
    const options = { port, host, timeoutMs, ...(cors && { cors: corsFor(cors) }) };
    started = await startFunctionUrl(handler, options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') io.printError(`Port ${port} of ${host} is taken: see --port`);
    else io.printError(`Cannot serve ${read.argument}: ${message}`);
    return 1;
  }
  io.print(`${started.url} is answered by "${name}" of ${read.argument}; Ctrl-C ends it`);
  io.print(`Try it: npx magi-stream probe ${started.url}`);
  await new Promise<void>((ended) => {
    if (io.signal.aborted) ended();
    else io.signal.addEventListener('abort', () => ended(), { once: true });
  });
  await started.close();
  return 0;
}
