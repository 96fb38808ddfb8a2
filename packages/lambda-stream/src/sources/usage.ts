import type { TokenUsage } from '@magi/stream-protocol';

/** The `provider` of every usage entry, as the OpenTelemetry conventions name it. */
export const USAGE_PROVIDER = 'aws.bedrock';

type Counts = Omit<TokenUsage, 'provider' | 'model'>;

const COUNT_NAMES = [
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'reasoningTokens',
  'cachedInputTokens',
  'cacheWriteInputTokens',
] as const satisfies readonly (keyof Counts)[];

/** Adds token counts up, one entry per model. */
export interface UsageTotal {
  add(model: string | undefined, counts: { [K in keyof Counts]?: Counts[K] | undefined }): void;
  /** `{ usage }` for RUN_FINISHED; empty when nothing was counted. */
  summary(): { usage?: TokenUsage[] };
}

/** Creates a total; an empty `provider` leaves it out, where the agent may ask any. */
export function createUsageTotal(provider = USAGE_PROVIDER): UsageTotal {
  const byModel = new Map<string | undefined, TokenUsage>();
  return {
    add(model, counts) {
      const total = byModel.get(model) ?? {
        ...(provider !== '' && { provider }),
        ...(model !== undefined && { model }),
      };
      byModel.set(model, total);
      for (const name of COUNT_NAMES) {
        const count = counts[name];
        if (count !== undefined) total[name] = (total[name] ?? 0) + count;
      }
    },
    summary() {
      return byModel.size === 0 ? {} : { usage: [...byModel.values()] };
    },
  };
}
