import { type ParseArgsConfig, parseArgs } from 'node:util';

type ArgOptions = NonNullable<ParseArgsConfig['options']>;
type ArgValues<T extends ArgOptions> = ReturnType<typeof parseArgs<{ options: T }>>['values'];

/** The command line is wrong: its message says what, and how it should be. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options of one command, and its one argument that is not an option. `undefined`: the user asked for help. */
export function readArgs<const T extends ArgOptions>(
  args: readonly string[],
  options: T,
  argument: string,
): { argument: string; values: ArgValues<T> } | undefined {
  if (args.includes('--help') || args.includes('-h')) return undefined;
  const parsed = (() => {
    try {
      return parseArgs({ args: [...args], options, allowPositionals: true });
    } catch (error) {
      // parseArgs names the option and what was expected of it.
      throw new UsageError((error as Error).message);
    }
  })();
  const [first, ...others] = parsed.positionals;
  if (first === undefined) throw new UsageError(`<${argument}> is missing`);
  if (others.length > 0)
    throw new UsageError(`one <${argument}> expected, got ${others.length + 1}`);
  return { argument: first, values: parsed.values };
}

/** The whole number that an option's text is. */
export function readNumber(option: string, value: string, low: number, high: number): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isInteger(number) || number < low || number > high)
    throw new UsageError(`--${option} must be a whole number from ${low} to ${high}`);
  return number;
}
