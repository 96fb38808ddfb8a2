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

/** What somebody else wrote, fit for a terminal: control characters could move the cursor or colour what follows. */
export const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim();
