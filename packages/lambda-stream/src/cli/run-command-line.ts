import type { CommandIo } from './command-io';
import { runDev } from './dev-command';
import { runProbe } from './probe-command';
import { UsageError } from './read-args';

const USAGE = `magi-stream <command>

  dev <file>    serves the streaming handler in <file> as a function URL on this machine
  probe <url>   asks a URL one question and tells whether its answer streams

"magi-stream <command> --help" tells a command's options.`;

/** Runs one command and returns the exit code: 0 good, 1 not good, 2 when the command line is wrong. */
export async function runCommandLine(args: readonly string[], io: CommandIo): Promise<number> {
  const [command, ...rest] = args;
  try {
    if (command === 'dev') return await runDev(rest, io);
    if (command === 'probe') return await runProbe(rest, io);
    if (command === 'help' || command === '--help' || command === '-h') {
      io.print(USAGE);
      return 0;
    }
    throw new UsageError(
      command === undefined
        ? 'a command is missing'
        : `there is no command ${JSON.stringify(command)}`,
    );
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const known = command === 'dev' || command === 'probe';
    const more = known ? `"magi-stream ${command} --help" tells the options.` : USAGE;
    io.printError(`magi-stream: ${error.message}\n\n${more}`);
    return 2;
  }
}
