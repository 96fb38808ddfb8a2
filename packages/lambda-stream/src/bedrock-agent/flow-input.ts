import type { FlowInput } from '@aws-sdk/client-bedrock-agent-runtime';
import type { Interrupt, ResumeEntry } from '@magi/stream-protocol';
import { interruptKey } from '../sources/interrupt-key';
import { isRecord } from '../sources/is-record';
import { invalidResume } from './invalid-resume';

const PREFIX = 'bedrock-flow-input.';

/** The interrupt that asks the user for what a flow wants to know. */
export function flowInputInterrupt(
  executionId: string,
  nodeName: string,
  message: string,
): Interrupt {
  const key = Buffer.from(JSON.stringify([executionId, nodeName])).toString('base64url');
  return {
    id: PREFIX + key,
    reason: 'input_required',
    message,
    responseSchema: { type: 'string' },
    metadata: { nodeName },
  };
}

/** The answer to a flow that asked, as InvokeFlow takes it. */
export interface FlowAnswer {
  readonly executionId: string;
  readonly inputs: FlowInput[];
}

/**
 * The answer among `RunAgentInput.resume` that a flow waits for, or `undefined` when there is none.
 *
 * A cancelled question has no answer: the flow is then asked anew.
 */
export function flowAnswer(resume: readonly ResumeEntry[] | undefined): FlowAnswer | undefined {
  const [answer] = (resume ?? []).flatMap(({ interruptId, status, payload }) => {
    const key = status === 'resolved' ? interruptKey(interruptId, PREFIX) : undefined;
    return key === undefined ? [] : { key, payload };
  });
  if (answer === undefined) return undefined;
  const [executionId, nodeName] = readKey(answer.key);
  const { payload } = answer;
  const text = isRecord(payload) && typeof payload.text === 'string' ? payload.text : payload;
  return {
    executionId,
    inputs: [
      {
        nodeName,
        nodeInputName: 'agentInputText',
        content: { document: typeof text === 'string' ? text : JSON.stringify(text ?? '') },
      },
    ],
  };
}

function readKey(encoded: string): [executionId: string, nodeName: string] {
  const text = Buffer.from(encoded, 'base64url').toString('utf8');
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch (cause) {
    throw invalidResume('"interruptId" is damaged', cause);
  }
  const [executionId, nodeName]: unknown[] = Array.isArray(key) ? key : [];
  if (typeof executionId !== 'string' || typeof nodeName !== 'string') {
    throw invalidResume('"interruptId" is damaged');
  }
  return [executionId, nodeName];
}
