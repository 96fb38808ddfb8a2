import type {
  InvocationResultMember,
  ReturnControlPayload,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { Interrupt, ResumeEntry } from '@magi/stream-protocol';
import { interruptKey } from '../sources/interrupt-key';
import { invalidResume } from './invalid-resume';
import type { ReturnedInvocation } from './invocation-input';

/** What an interrupt's id carries, so that the answer needs no state on the server. */
interface InterruptKey {
  readonly invocationId: string;
  readonly index: number;
  readonly invocation: Pick<
    ReturnedInvocation,
    'type' | 'actionGroup' | 'function' | 'httpMethod' | 'apiPath' | 'agentId' | 'wants'
  >;
}

const PREFIX = 'bedrock-return-control.';

/** The answers to an agent that returned control, as `sessionState` takes them. */
export interface ReturnControlAnswer {
  readonly invocationId: string;
  readonly returnControlInvocationResults: InvocationResultMember[];
}

/** The interrupt that asks for the answer to one invocation of an agent that returned control. */
export function returnControlInterrupt(
  payload: Pick<ReturnControlPayload, 'invocationId'>,
  index: number,
  returned: ReturnedInvocation,
): Interrupt & { readonly toolCallId: string } {
  const invocationId = payload.invocationId ?? '';
  const { type, actionGroup, function: called, httpMethod, apiPath, agentId, wants } = returned;
  const key: InterruptKey = {
    invocationId,
    index,
    invocation: { type, actionGroup, function: called, httpMethod, apiPath, agentId, wants },
  };
  return {
    id: PREFIX + Buffer.from(JSON.stringify(key)).toString('base64url'),
    reason: wants === 'USER_CONFIRMATION' ? 'confirmation' : 'tool_call',
    message: wants === 'RESULT' ? `Run "${returned.name}"` : `Allow "${returned.name}"?`,
    toolCallId: `${invocationId}:${index}`,
    responseSchema: responseSchema(wants),
    metadata: { actionInvocationType: wants, actionGroup },
  };
}

function responseSchema(wants: ReturnedInvocation['wants']): Record<string, unknown> {
  const approved = { type: 'boolean', description: 'Whether the call is allowed' };
  const result = { description: 'What the call returned: a string, or any JSON value' };
  const state = {
    enum: ['FAILURE', 'REPROMPT'],
    description:
      'FAILURE: the call failed, and the run with it. REPROMPT: the agent is told what went wrong',
  };
  switch (wants) {
    case 'USER_CONFIRMATION':
      return { type: 'object', properties: { approved }, required: ['approved'] };
    case 'USER_CONFIRMATION_AND_RESULT':
      return { type: 'object', properties: { approved, result, state }, required: ['approved'] };
    default:
      return { type: 'object', properties: { result, state }, required: ['result'] };
  }
}

/**
 * Turns the answers of `RunAgentInput.resume` into what InvokeAgent takes as `sessionState`, or `undefined` when none of
 * them answers an agent that returned control.
 *
 * A `cancelled` entry denies a confirmation, and tells the agent that a call was declined (`REPROMPT`: `FAILURE` would fail
 * the run). The id of an interrupt is opaque but not signed: a user can make one up, and then answers an invocation that
 * the service does not know.
 *
 * It may have the prefix of a merge in front. Whose it is is not asked: where several agents of a merge asked, hand in what
 * the merge gives to one of them.
 *
 * @param message What the user wrote instead of an answer: see `lastUserText`. Where every entry is cancelled the result is
 * then `undefined`, because the service ignores `inputText` beside answers, and the message is to be the input. Where some
 * are answered, the cancelled ones carry the message.
 *
 * @throws AgentStreamError `INVALID_RESUME` when an id is damaged, or when the answers belong to two invocations.
 *
 * @example
 * ```ts
 * import { returnControlAnswer } from '@magi/lambda-stream/bedrock-agent';
 *
 * const answer = returnControlAnswer(input.resume);
 * // { invocationId: '…', returnControlInvocationResults: [{ functionResult: { … } }] }
 * ```
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/userguide/agents-returncontrol.html
 */
export function returnControlAnswer(
  resume: readonly ResumeEntry[] | undefined,
  message = '',
): ReturnControlAnswer | undefined {
  const answered = (resume ?? [])
    .flatMap((entry) => {
      const key = interruptKey(entry.interruptId, PREFIX);
      return key === undefined ? [] : { entry, key: readKey(key) };
    })
    .sort((a, b) => a.key.index - b.key.index);
  const [first] = answered;
  if (first === undefined) return undefined;
  const { invocationId } = first.key;
  if (answered.some(({ key }) => key.invocationId !== invocationId)) {
    throw invalidResume('the answers belong to more than one invocation');
  }
  const written = message.trim();
  if (written !== '' && answered.every(({ entry }) => isCancelled(entry))) return undefined;
  return {
    invocationId,
    returnControlInvocationResults: answered.map(({ entry, key }) =>
      resultMember(entry, key, written),
    ),
  };
}

function isCancelled({ status }: ResumeEntry): boolean {
  return status === 'cancelled';
}

function resultMember(
  entry: ResumeEntry,
  { invocation }: InterruptKey,
  written: string,
): InvocationResultMember {
  const { type, actionGroup, function: called, httpMethod, apiPath, agentId, wants } = invocation;
  const payload = isRecord(entry.payload) ? entry.payload : { result: entry.payload };
  // Only an explicit yes confirms: a missing or malformed answer must not act for the user.
  const isDenied = isCancelled(entry) || payload.approved !== true;
  const asksToConfirm = wants !== 'RESULT';
  const isDeclined = isCancelled(entry) && (!asksToConfirm || written !== '');
  const responseState = isDeclined ? 'REPROMPT' : readState(payload.state);
  const result = isDeclined ? declined(written) : payload.result;
  const body =
    result === undefined ? undefined : typeof result === 'string' ? result : JSON.stringify(result);
  const common = {
    actionGroup,
    ...(agentId !== undefined && { agentId }),
    ...(asksToConfirm && {
      confirmationState: isDenied ? ('DENY' as const) : ('CONFIRM' as const),
    }),
    ...(responseState !== undefined && { responseState }),
  };
  if (type === 'function') {
    return {
      functionResult: {
        ...common,
        ...(called !== undefined && { function: called }),
        ...(body !== undefined && { responseBody: { TEXT: { body } } }),
      },
    };
  }
  return {
    apiResult: {
      ...common,
      ...(httpMethod !== undefined && { httpMethod }),
      ...(apiPath !== undefined && { apiPath }),
      ...(body !== undefined && {
        httpStatusCode: isDeclined ? 403 : 200,
        responseBody: { 'application/json': { body } },
      }),
    },
  };
}

function declined(written: string): string {
  return `The user declined the call${written && `, and wrote instead: ${written}`}`;
}

function readState(value: unknown): 'FAILURE' | 'REPROMPT' | undefined {
  return value === 'FAILURE' || value === 'REPROMPT' ? value : undefined;
}

function readKey(encoded: string): InterruptKey {
  const text = Buffer.from(encoded, 'base64url').toString('utf8');
  let key: unknown;
  try {
    key = JSON.parse(text);
  } catch (cause) {
    throw invalidResume('"interruptId" is damaged', cause);
  }
  if (
    !isRecord(key) ||
    typeof key.invocationId !== 'string' ||
    typeof key.index !== 'number' ||
    !isRecord(key.invocation)
  ) {
    throw invalidResume('"interruptId" is damaged');
  }
  return key as unknown as InterruptKey;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
