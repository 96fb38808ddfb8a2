import { inspect } from 'node:util';
import { EventSchema } from '@ag-ui/core/schemas';
import { describe, expect, it, vi } from 'vitest';
import { EventParseError } from './event-parse-error';
import { allSamples, fullSamples } from './event-samples.fixture';
import { checkAgentEvent, parseAgentEvent } from './parse-event';

function failureOf(value: unknown): EventParseError {
  try {
    checkAgentEvent(value);
  } catch (error) {
    if (error instanceof EventParseError) return error;
    throw error;
  }
  throw new Error('Expected a failure');
}

describe('parseAgentEvent', () => {
  it.each(allSamples)('accepts each sample unchanged and reports nothing: %j', (sample) => {
    const onUnknown = vi.fn();
    expect(parseAgentEvent(JSON.stringify(sample), { onUnknown })).toEqual(sample);
    expect(checkAgentEvent(sample, { onUnknown })).toBe(sample);
    expect(onUnknown).not.toHaveBeenCalled();
  });

  it('agrees with @ag-ui/core on every sample with one field removed, nulled or of another type', () => {
    const wrongValues = [undefined, null, 7, -1.5, 'text', true, [], {}, [null], ['x'], [{}]];
    for (const sample of allSamples) {
      for (const field of Object.keys(sample)) {
        if (field === 'type') continue;
        for (const wrong of wrongValues) {
          const changed = JSON.parse(JSON.stringify({ ...sample, [field]: wrong }));
          const label = `${sample.type}.${field} = ${JSON.stringify(wrong)}`;
          expect(accepts(changed), label).toBe(EventSchema.safeParse(changed).success);
        }
      }
    }
  });

  it.each(['', '/', '/a/0', '/a~0b~1', 'a', '~', '/~', '/a~2', '/~01', '/\n', 'a/'])(
    'agrees with @ag-ui/core on the JSON Pointer %j',
    (path) => {
      const event = { type: 'STATE_DELTA', delta: [{ op: 'remove', path }] };
      expect(accepts(event)).toBe(EventSchema.safeParse(event).success);
    },
  );

  it('gives undefined for an unknown event type and reports it', () => {
    const onUnknown = vi.fn();
    expect(parseAgentEvent('{"type":"NEWER","x":1}', { onUnknown })).toBeUndefined();
    expect(parseAgentEvent('{"type":"constructor"}')).toBeUndefined();
    expect(onUnknown.mock.calls).toEqual([[{ kind: 'event', eventType: 'NEWER' }]]);
  });

  it('keeps unknown fields and reports each with its path', () => {
    const onUnknown = vi.fn();
    const event = {
      type: 'RUN_ERROR',
      message: 'm',
      newer: 1,
      usage: [{ inputTokens: 1, audioTokens: 2 }],
    };
    expect(checkAgentEvent(event, { onUnknown })).toBe(event);
    expect(onUnknown.mock.calls.map(([report]) => report)).toEqual([
      { kind: 'field', eventType: 'RUN_ERROR', field: 'newer' },
      { kind: 'field', eventType: 'RUN_ERROR', field: 'usage[0].audioTokens' },
    ]);
  });

  it('leaves out what a newer protocol added to a union, in a copy', () => {
    const onUnknown = vi.fn();
    const event = {
      type: 'MESSAGES_SNAPSHOT',
      messages: [
        { id: 'x', role: 'oracle', content: 'c' },
        {
          id: 'u',
          role: 'user',
          content: [
            { type: 'hologram' },
            { type: 'text', text: 'kept' },
            { type: 'image', source: { type: 'telepathy' } },
          ],
        },
      ],
    };
    const before = structuredClone(event);
    expect(checkAgentEvent(event, { onUnknown })).toEqual({
      type: 'MESSAGES_SNAPSHOT',
      messages: [{ id: 'u', role: 'user', content: [{ type: 'text', text: 'kept' }] }],
    });
    expect(event).toEqual(before);
    expect(onUnknown.mock.calls.map(([{ kind, field }]) => [kind, field])).toEqual([
      ['member', 'messages[0]'],
      ['member', 'messages[1].content[0]'],
      ['member', 'messages[1].content[2].source'],
    ]);
    const finished = { type: 'RUN_FINISHED', threadId: 't', runId: 'r' };
    expect(checkAgentEvent({ ...finished, outcome: { type: 'paused' } })).toEqual(finished);
  });

  it.each([
    ['{"type":', undefined, undefined, 'JSON'],
    ['[]', undefined, undefined, 'an object'],
    ['null', undefined, undefined, 'an object'],
    ['{"type":7}', undefined, 'type', 'a string'],
    ['{"type":"TEXT_MESSAGE_CONTENT","messageId":"m"}', 'TEXT_MESSAGE_CONTENT', 'delta', 'present'],
    ['{"type":"RAW","event":1,"subagentRunId":null}', 'RAW', 'subagentRunId', 'a string'],
    [
      '{"type":"RUN_ERROR","message":"m","usage":[{"inputTokens":-1}]}',
      'RUN_ERROR',
      'usage[0].inputTokens',
      'a safe integer of at least 0',
    ],
    [
      '{"type":"TEXT_MESSAGE_START","messageId":"m","role":"tool"}',
      'TEXT_MESSAGE_START',
      'role',
      '"developer" or "system" or "assistant" or "user"',
    ],
  ])('names event and field of %s', (json, eventType, field, expected) => {
    expect(() => parseAgentEvent(json)).toThrow(
      expect.objectContaining({ code: 'ERR_EVENT_PARSE', eventType, field, expected }),
    );
  });

  it('refuses in a field of fixed values what has no JSON', () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    for (const role of [1n, loop, ['tool'], new String('tool')]) {
      const event = { ...fullSamples.TOOL_CALL_RESULT, role };
      expect(failureOf(event)).toMatchObject({ field: 'role', expected: '"tool"' });
    }
  });

  it('never quotes a value in its error', () => {
    const secret = 'secret-prompt';
    for (const json of [`{"type":"CUSTOM","name":{"x":"${secret}"},"value":1}`, `{"${secret}`]) {
      const onError = vi.fn();
      try {
        parseAgentEvent(json);
      } catch (error) {
        onError(inspect(error));
      }
      expect(onError).toHaveBeenCalledWith(expect.not.stringContaining(secret));
    }
  });

  it('is not fooled by names of the prototype', () => {
    const onUnknown = vi.fn();
    const json = '{"type":"TEXT_MESSAGE_END","messageId":"m","__proto__":{"a":1},"toString":2}';
    parseAgentEvent(json, { onUnknown });
    expect(onUnknown.mock.calls.map(([report]) => report.field)).toEqual(['__proto__', 'toString']);
    const outcome = { type: 'constructor' };
    expect(checkAgentEvent({ ...fullSamples.RUN_FINISHED, outcome })).not.toHaveProperty('outcome');
  });

  it('says in one sentence what is wrong', () => {
    expect(failureOf({ type: 'STEP_STARTED', stepName: 1 }).message).toBe(
      'Cannot parse STEP_STARTED: "stepName" must be a string',
    );
  });
});

function accepts(value: unknown): boolean {
  try {
    checkAgentEvent(value);
    return true;
  } catch {
    return false;
  }
}
