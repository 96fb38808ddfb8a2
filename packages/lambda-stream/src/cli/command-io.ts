/** What a command knows of the world around it. */
export interface CommandIo {
  /** Prints a line of the result. */
  print(text: string): void;
  /** Prints a line that is not part of the result. */
  printError(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts when the user wants the command to end. */
  readonly signal: AbortSignal;
}

/** Characters that move a terminal's cursor, colour what follows or turn its direction. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** What somebody else wrote, fit for a terminal. */
export const printable = (text: string): string =>
  text.replace(CONTROLS, ' ').replace(/ +/g, ' ').trim();

/** JSON that is fit for a terminal, and means the same. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    CONTROLS,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
