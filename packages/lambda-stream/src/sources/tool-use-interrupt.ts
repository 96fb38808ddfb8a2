import type { Interrupt, ResumeEntry } from '@magi/stream-protocol';
import { interruptKey } from './interrupt-key';

const PREFIX = 'bedrock-tool-use.';

/** The interrupt that asks the application for the result of a tool that the model wants to use. */
export function toolUseInterrupt(toolUseId: string, name: string): Interrupt {
  return {
    id: PREFIX + toolUseId,
    reason: 'tool_call',
    message: `Run "${name}"`,
    toolCallId: toolUseId,
    responseSchema: {
      type: 'object',
      properties: {
        result: { description: 'What the tool returned: a string, or any JSON value' },
        error: { type: 'boolean', description: 'Whether the tool failed' },
      },
      required: ['result'],
    },
  };
}

/** The answer to one {@link toolUseInterrupt}. */
export interface ToolUseAnswer {
  readonly toolUseId: string;
  /** How the conversation calls it: behind the subagent's id, where it came through a merge. */
  readonly callId: string;
  readonly text: string;
  readonly status: 'success' | 'error';
  readonly isCancelled: boolean;
}

/** The answers among `RunAgentInput.resume` that belong to tools a model wanted to use. */
export function toolUseAnswers(resume: readonly ResumeEntry[] | undefined): ToolUseAnswer[] {
  return (resume ?? []).flatMap(({ interruptId, status, payload }): ToolUseAnswer[] => {
    const toolUseId = interruptKey(interruptId, PREFIX);
    if (toolUseId === undefined) return [];
    const ids = { toolUseId, callId: interruptId.replace(PREFIX, '') };
    if (status === 'cancelled') {
      return [{ ...ids, text: 'The user declined the call', status: 'error', isCancelled: true }];
    }
    const isObject = typeof payload === 'object' && payload !== null && 'result' in payload;
    const result = isObject ? payload.result : payload;
    const isError = isObject && 'error' in payload && payload.error === true;
    return [
      {
        ...ids,
        text: typeof result === 'string' ? result : JSON.stringify(result ?? null),
        status: isError ? 'error' : 'success',
        isCancelled: false,
      },
    ];
  });
}
