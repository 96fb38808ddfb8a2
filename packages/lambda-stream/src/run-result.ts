import type { Interrupt, RunFinishedEvent, RunOutcome, TokenUsage } from '@magi/stream-protocol';

/** What the runs inside a run reported at their ends, as the fields of one RUN_FINISHED. */
export interface RunResult {
  addUsage(usage: readonly TokenUsage[] | undefined): void;
  absorb(event: RunFinishedEvent): void;
  /** One entry per (provider, model); absent when nobody reported any. */
  usage(): { usage?: TokenUsage[] };
  ending(): { result?: unknown; outcome?: RunOutcome };
}

export function createRunResult(): RunResult {
  const byModel = new Map<string, TokenUsage>();
  const interrupts: Interrupt[] = [];
  let ending: { result?: unknown; outcome?: RunOutcome } = {};

  const addUsage = (usage: readonly TokenUsage[] = []): void => {
    for (const entry of usage) {
      const key = JSON.stringify([entry.provider, entry.model]);
      const sum: Record<string, unknown> = { ...byModel.get(key) };
      for (const [name, value] of Object.entries(entry)) {
        const before = sum[name];
        sum[name] =
          typeof value === 'number' && typeof before === 'number' ? before + value : value;
      }
      byModel.set(key, sum);
    }
  };

  return {
    addUsage,
    absorb: ({ usage, result, outcome }) => {
      addUsage(usage);
      if (result !== undefined) ending = { ...ending, result };
      if (outcome?.type === 'interrupt') interrupts.push(...outcome.interrupts);
      if (outcome !== undefined) ending = { ...ending, outcome };
      // A question that one part of the run left open stays open, whatever came after it.
      if (interrupts.length > 0) ending = { ...ending, outcome: { type: 'interrupt', interrupts } };
    },
    usage: () => (byModel.size === 0 ? {} : { usage: [...byModel.values()] }),
    ending: () => ending,
  };
}
