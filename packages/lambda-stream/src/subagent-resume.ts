import type { ResumeEntry } from '@magi/stream-protocol';

/** What one agent is to go on with. */
export interface OwnResume {
  /** It goes on as the subagent that asked. */
  readonly subagentRunId: string;
  /** The answers to its own questions, under the ids that it gave them. */
  readonly entries: ResumeEntry[];
}

/** What `createSubagentRunId` puts after the name, and what ends it inside an interrupt's id. */
const TAIL = /^-[\da-f]{8}\//;

/** It goes with every delta: short, and readable where the stream is. */
export function createSubagentRunId(name: string): string {
  return `${name}-${crypto.randomUUID().slice(0, 8)}`;
}

/**
 * The id by which a client knows what the agent of a subagent calls `id`. It says whose it is, because nobody keeps that from one
 * run to the next.
 */
export function ownedId(subagentRunId: string, id: string): string {
  return `${subagentRunId}/${id}`;
}

/** Returns the answers to what the agent of this name had asked, or `undefined` when none is. */
export function resumeOf(name: string, resume: readonly ResumeEntry[]): OwnResume | undefined {
  let subagentRunId: string | undefined;
  const entries: ResumeEntry[] = [];
  for (const entry of resume) {
    const { interruptId } = entry;
    const tail = interruptId.startsWith(name) && TAIL.exec(interruptId.slice(name.length));
    if (!tail) continue;
    const end = name.length + tail[0].length;
    subagentRunId ??= interruptId.slice(0, end - 1);
    entries.push({ ...entry, interruptId: interruptId.slice(end) });
  }
  return subagentRunId === undefined ? undefined : { subagentRunId, entries };
}
