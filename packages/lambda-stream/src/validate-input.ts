import {
  checkRunAgentInput,
  EventParseError,
  type RunAgentInput,
  type UnknownReport,
} from '@magi/stream-protocol';
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
  let leftOut: string | undefined;
  const onUnknown = ({ kind, field }: UnknownReport): void => {
    if (kind === 'member') leftOut ??= field;
  };
  try {
    const input = checkRunAgentInput(value, { onUnknown });
    // A reader of events leaves out what is newer than itself; a question with a part left out is another question.
    if (leftOut !== undefined) {
      const kind = /^messages\[\d+\]$/.test(leftOut) ? 'role' : 'type';
      return refuse(`${leftOut}.${kind}`, 'must be one of AG-UI 1.0');
    }
    return { value: { ...input, tools: input.tools ?? [], context: input.context ?? [] } };
  } catch (error) {
    if (!(error instanceof EventParseError)) throw error;
    return refuse(error.field ?? '', `must be ${error.expected}`);
  }
}

function refuse(field: string, message: string): StandardResult<RunAgentInput> {
  return { issues: [{ message, path: [field] }] };
}
