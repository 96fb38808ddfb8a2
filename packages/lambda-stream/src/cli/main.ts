#!/usr/bin/env node
import { runCommandLine } from './run-command-line';

const interrupted = new AbortController();
// Once only: a second Ctrl-C ends the process the usual way, should something not stop.
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.once(name, () => interrupted.abort(new Error(name)));

void runCommandLine(process.argv.slice(2), {
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
  env: process.env,
  signal: interrupted.signal,
}).then((exitCode) => {
  process.exitCode = exitCode;
  // What a handler's file still holds open, a connection of an SDK for example, does not keep the command alive.
  setTimeout(() => process.exit(), 500).unref();
});
