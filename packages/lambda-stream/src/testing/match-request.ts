import type { BedrockRequest } from './bedrock-request';

/** What a request is expected to be: every field that is given must match, objects in part. */
export type BedrockRequestPattern = Partial<
  Pick<BedrockRequest, 'operation' | 'resourceId' | 'params' | 'query' | 'body' | 'httpVersion'>
>;

/** Whether `actual` has everything that `expected` has; arrays must be equally long. */
export function matchesPattern(actual: unknown, expected: unknown): boolean {
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((item, index) => matchesPattern(actual[index], item))
    );
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return false;
    return Object.entries(expected).every(([key, value]) =>
      matchesPattern((actual as Record<string, unknown>)[key], value),
    );
  }
  return Object.is(actual, expected);
}
