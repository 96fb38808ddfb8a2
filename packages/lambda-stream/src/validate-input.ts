import { checkAgentEvent, type RunAgentInput } from '@magi/stream-protocol';
import type { StandardResult, StandardSchema } from './standard-schema';

/**
 * The default `input`: AG-UI's `RunAgentInput`. Absent `tools` and `context` become empty lists; unknown fields stay.
 *
 * Reports the first failing field only.
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */
export const runAgentInput: StandardSchema<RunAgentInput> = {
  '~standard': { version: 1, vendor: 'magi', validate },
};

function validate(value: unknown): StandardResult<RunAgentInput> {
  try {
    // RUN_STARTED echoes the input, so that its check is the input's check.
    const event = checkAgentEvent({ type: 'RUN_STARTED', threadId: '', runId: '', input: value });
    const input = event?.type === 'RUN_STARTED' ? event.input : undefined;
    if (input === undefined) return { issues: [{ message: 'must be an object' }] };
    return { value: { ...input, tools: input.tools ?? [], context: input.context ?? [] } };
  } catch (error) {
    if (!isFieldError(error)) throw error;
    const path = error.field.replace(/^input\.?/, '');
    return { issues: [{ message: `must be ${error.expected}`, path: path ? [path] : [] }] };
  }
}

function isFieldError(error: unknown): error is { field: string; expected: string } {
  return error instanceof Error && 'field' in error && typeof error.field === 'string';
}
