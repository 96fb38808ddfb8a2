import type { TokenUsage } from '@magi/stream-protocol';
import type { Attributes } from '@opentelemetry/api';

/**
 * Names of the GenAI conventions, copied: they are in development, and their package marks these constants as moved.
 *
 * @see https://github.com/open-telemetry/semantic-conventions-genai
 */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  workflow: 'gen_ai.workflow.name',
  agent: 'gen_ai.agent.name',
  conversation: 'gen_ai.conversation.id',
  model: 'gen_ai.request.model',
  stream: 'gen_ai.request.stream',
  finishReasons: 'gen_ai.response.finish_reasons',
  timeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  outputMessages: 'gen_ai.output.messages',
  tokenType: 'gen_ai.token.type',
  tool: 'gen_ai.tool.name',
  toolCall: 'gen_ai.tool.call.id',
  toolArguments: 'gen_ai.tool.call.arguments',
  toolResult: 'gen_ai.tool.call.result',
} as const;

export const ERROR_TYPE = 'error.type';

const USAGE = {
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  cacheWriteInputTokens: 'gen_ai.usage.cache_creation.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
} as const;

/** The tokens of several models as one span's attributes; provider and model only where there is just one. */
export function usageAttributes(usage: readonly TokenUsage[]): Attributes {
  const attributes: Attributes = {};
  for (const entry of usage) {
    for (const [field, name] of Object.entries(USAGE)) {
      const count = entry[field as keyof typeof USAGE];
      if (typeof count === 'number') attributes[name] = Number(attributes[name] ?? 0) + count;
    }
  }
  return { ...attributes, ...modelAttributes(usage) };
}

export function modelAttributes(usage: readonly TokenUsage[]): Attributes {
  const providers = new Set(usage.map(({ provider }) => provider));
  const models = new Set(usage.map(({ model }) => model));
  const [provider] = providers;
  const [model] = models;
  return {
    ...(providers.size === 1 && typeof provider === 'string' && { [GEN_AI.provider]: provider }),
    ...(models.size === 1 && typeof model === 'string' && { [GEN_AI.model]: model }),
  };
}
