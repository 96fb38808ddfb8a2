import { type ScriptedStream, streamScripts } from './stream-scripts';

/** Runs the script that the event names and prints what it noted. */
export const handler = Object.assign(
  async (event: { script: string }, stream: ScriptedStream): Promise<void> => {
    const notes: Record<string, unknown> = {};
    await streamScripts[event.script]?.(stream, (name, value) => {
      notes[name] = value;
    });
    process.stdout.write(`NOTES ${JSON.stringify(notes)}\n`);
  },
  { [Symbol.for('aws.lambda.runtime.handler.streaming')]: 'response' },
);
