import { type Check, createChecks } from './check';
import { EventParseError } from './event-parse-error';
import { eventTable } from './event-table';
import type { AgentEvent } from './events';
import type { RunAgentInput } from './messages';

/** Something that the protocol does not describe, and that was tolerated. */
export interface UnknownReport {
  /** `event`: the whole event is dropped. `member`: an unknown member of a union is left out. `field`: one is unknown, and stays. */
  kind: 'event' | 'member' | 'field';
  eventType: string;
  /** Path of the field, like `outcome` or `messages[0].content[1].colour`. */
  field?: string;
}

export interface ParseAgentEventOptions {
  /** Called for each unknown event type and field, each time it occurs. Default: nobody is told. */
  onUnknown?(report: UnknownReport): void;
}

let checkOf: ((kind: string) => Check) | undefined;

/**
 * Parses the JSON text of one AG-UI event.
 *
 * Tolerates what a newer protocol may add, and reports it: an unknown event type gives `undefined`; an unknown field stays;
 * an unknown member of a union inside (an outcome, a content part) is left out. Does not check the order of events: see
 * `createRunLifecycle`.
 *
 * @throws EventParseError (`ERR_EVENT_PARSE`) when the text is not JSON, or when a known event lacks a field or has a
 * malformed one. `null` in an optional field is malformed.
 *
 * @example
 * ```ts
 * import { parseAgentEvent } from '@magi/stream-protocol';
 * parseAgentEvent('{"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":"Hi"}')?.type; // 'TEXT_MESSAGE_CONTENT'
 * parseAgentEvent('{"type":"NEWER_THAN_US"}'); // undefined
 * ```
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */
export function parseAgentEvent(
  json: string,
  options?: ParseAgentEventOptions,
): AgentEvent | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    // The SyntaxError quotes the text, which may be a prompt: it is not passed on.
    throw new EventParseError({ expected: 'JSON' });
  }
  return checkAgentEvent(value, options);
}

/**
 * Checks an already parsed value as `parseAgentEvent` does. Never changes `value`: where something is left out, the result
 * is a copy.
 *
 * @throws EventParseError (`ERR_EVENT_PARSE`) when `value` is not an event, or when a known event lacks a field or has a
 * malformed one.
 *
 * @example
 * ```ts
 * import { checkAgentEvent } from '@magi/stream-protocol';
 * checkAgentEvent({ type: 'STEP_STARTED', stepName: 'plan' })?.type; // 'STEP_STARTED'
 * ```
 */
export function checkAgentEvent(
  value: unknown,
  options?: ParseAgentEventOptions,
): AgentEvent | undefined {
  return checkKind('Event', value, options) as AgentEvent | undefined;
}

/**
 * Checks the parsed body of a request for a run. Never changes `value`: where an unknown member of a union is left out (a message
 * of an unknown role, say), the result is a copy.
 *
 * @throws EventParseError (`ERR_EVENT_PARSE`) when `value` lacks a field or has a malformed one. `tools` and `context` may be absent.
 *
 * @example
 * ```ts
 * import { checkRunAgentInput } from '@magi/stream-protocol';
 * checkRunAgentInput({ threadId: 't1', runId: 'r1', messages: [] }).threadId; // 't1'
 * ```
 *
 * @see https://ag-ui.com/spec/1.0/schema.json
 */
export function checkRunAgentInput(
  value: unknown,
  options?: ParseAgentEventOptions,
): Omit<RunAgentInput, 'tools' | 'context'> & Partial<RunAgentInput> {
  return checkKind('Input', value, options) as RunAgentInput;
}

function checkKind(kind: string, value: unknown, options?: ParseAgentEventOptions): unknown {
  checkOf ??= createChecks(eventTable);
  return checkOf(kind)(value, '', options, '');
}
