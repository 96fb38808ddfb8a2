import type { Histogram, Meter } from '@opentelemetry/api';

/** The metrics of the GenAI conventions that a run can give. Durations are seconds. */
export interface Instruments {
  readonly workflowDuration: Histogram;
  readonly agentDuration: Histogram;
  readonly toolDuration: Histogram;
  readonly timeToFirstChunk: Histogram;
  readonly timePerChunk: Histogram;
  readonly tokens: Histogram;
}

/** Bucket boundaries that the conventions recommend. */
const DURATION_BUCKETS = Array.from({ length: 14 }, (_, index) => 0.01 * 2 ** index);
const TOKEN_BUCKETS = Array.from({ length: 14 }, (_, index) => 4 ** index);
const CHUNK_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** @see https://github.com/open-telemetry/semantic-conventions-genai */
export function createInstruments(meter: Meter): Instruments {
  const histogram = (name: string, unit: string, description: string, buckets: number[]) =>
    meter.createHistogram(name, {
      unit,
      description,
      advice: { explicitBucketBoundaries: buckets },
    });
  return {
    workflowDuration: histogram(
      'gen_ai.workflow.duration',
      's',
      'Duration of a run',
      DURATION_BUCKETS,
    ),
    agentDuration: histogram(
      'gen_ai.invoke_agent.duration',
      's',
      'Duration of one agent’s part of a run',
      DURATION_BUCKETS,
    ),
    toolDuration: histogram(
      'gen_ai.execute_tool.duration',
      's',
      'From a tool call to its result',
      DURATION_BUCKETS,
    ),
    timeToFirstChunk: histogram(
      'gen_ai.client.operation.time_to_first_chunk',
      's',
      'From the start of an operation to its first text',
      DURATION_BUCKETS,
    ),
    timePerChunk: histogram(
      'gen_ai.client.operation.time_per_output_chunk',
      's',
      'Between two text deltas of one agent, before pacing',
      CHUNK_BUCKETS,
    ),
    tokens: histogram(
      'gen_ai.client.token.usage',
      '{token}',
      'Tokens used, as the provider reported them',
      TOKEN_BUCKETS,
    ),
  };
}
