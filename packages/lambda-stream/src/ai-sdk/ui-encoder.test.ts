import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { createUiEncoder } from './ui-encoder';

const started: AgentEvent = { type: 'RUN_STARTED', threadId: 't', runId: 'r' };
const finished: AgentEvent = { type: 'RUN_FINISHED', threadId: 't', runId: 'r' };

/** What a page reads, part by part. */
function partsOf(...events: AgentEvent[]) {
  const encode = createUiEncoder();
  const text = events.map(encode).join('');
  const frames = text.split('\n\n');
  expect(frames.pop()).toBe('');
  return frames.map((frame) => {
    expect(frame).toMatch(/^data: [^\n]*$/);
    const data = frame.slice('data: '.length);
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}
const typesOf = (...events: AgentEvent[]) => partsOf(...events).map(({ type }) => type);

describe('createUiEncoder()', () => {
  it('begins and ends each run with what the protocol asks for', () => {
    expect(partsOf(started, finished)).toEqual([
      { type: 'start', messageMetadata: { threadId: 't', runId: 'r' } },
      { type: 'start-step' },
      { type: 'finish-step' },
      { type: 'finish', finishReason: 'stop' },
      '[DONE]',
    ]);
    expect(partsOf({ type: 'RUN_ERROR', message: 'no', code: 'C' })).toEqual([
      { type: 'message-metadata', messageMetadata: { errorCode: 'C' } },
      { type: 'error', errorText: 'no' },
      '[DONE]',
    ]);
    const cancelled: AgentEvent = { ...finished, outcome: { type: 'cancelled' } };
    expect(partsOf(cancelled)).toContainEqual({ type: 'finish', finishReason: 'other' });
  });

  it.each([
    ['', 'tool-input-available', {}],
    ['{"a":1}', 'tool-input-available', { a: 1 }],
    ['{"a":', 'tool-input-error', '{"a":'],
  ])('tells the arguments %j as %s', (delta, type, input) => {
    const parts = partsOf(
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
    );
    expect(parts.at(-1)).toMatchObject({
      type,
      toolCallId: 'c',
      toolName: 'n',
      dynamic: true,
      input,
    });
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    [' [1]', [1]],
    ['42', '42'],
    ['{oops', '{oops'],
    [[{ type: 'text', text: 'x' }], [{ type: 'text', text: 'x' }]],
  ] as const)('tells the result %j as %j', (content, output) => {
    const parts = partsOf(
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content: content as never },
    );
    expect(parts.at(-1)).toMatchObject({ type: 'tool-output-available', output });
  });

  it('sends the page no result of a call that it does not know, and no words of others as the answer', () => {
    const result: AgentEvent = {
      type: 'TOOL_CALL_RESULT',
      toolCallId: 'old',
      messageId: 'm',
      content: 'x',
    };
    expect(partsOf(result)).toEqual([
      { type: 'data-tool-call-result', data: result, transient: true },
    ]);
    expect(
      typesOf(
        { type: 'TEXT_MESSAGE_START', messageId: 'u', role: 'user' },
        { type: 'TEXT_MESSAGE_CONTENT', messageId: 'u', delta: 'x' },
        { type: 'TEXT_MESSAGE_END', messageId: 'u' },
      ),
    ).toEqual(['data-text-message-start', 'data-text-message-content', 'data-text-message-end']);
  });

  it('begins the step after a result only when no text is open, which the end of a step would cut', () => {
    const say = (type: 'START' | 'CONTENT' | 'END', messageId: string) =>
      ({ type: `TEXT_MESSAGE_${type}`, messageId, delta: 'x' }) as AgentEvent;
    expect(
      typesOf(
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
        say('START', 'a'),
        { type: 'TOOL_CALL_END', toolCallId: 'c' },
        { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content: 'x' },
        say('CONTENT', 'a'),
        say('END', 'a'),
        say('START', 'b'),
      ),
    ).toEqual([
      'tool-input-start',
      'text-start',
      'tool-input-available',
      'tool-output-available',
      'text-delta',
      'text-end',
      'finish-step',
      'start-step',
      'text-start',
    ]);
  });

  it('ends a step with results before the run, so that the page does not answer it', () => {
    expect(
      typesOf(
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
        { type: 'TOOL_CALL_END', toolCallId: 'c' },
        { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content: 'x' },
        finished,
      ).slice(-5, -1),
    ).toEqual(['finish-step', 'start-step', 'finish-step', 'finish']);
  });

  it('closes the text of chunks once', () => {
    expect(
      typesOf(
        { type: 'TEXT_MESSAGE_CHUNK', messageId: 'a', delta: 'x' },
        { type: 'TEXT_MESSAGE_END', messageId: 'a' },
        finished,
      ).filter((type) => type === 'text-end'),
    ).toHaveLength(1);
  });

  it.each([
    [
      { id: 'q', messageId: 'm', uri: 's3://bucket/a' },
      { type: 'source-document', title: 's3://bucket/a' },
    ],
    [
      { id: 'q', messageId: 'm' },
      { type: 'source-document', title: 'Source' },
    ],
    [
      { id: 'q', messageId: 'm', uri: 'https://a.example/', title: 'A' },
      { type: 'source-url', title: 'A' },
    ],
  ])('names the source of %j', (value, source) => {
    const parts = partsOf({ type: 'CUSTOM', name: 'magi.citation', value });
    expect(parts).toMatchObject([source, { type: 'data-citation', id: 'q', data: value }]);
  });

  it('names custom events of others as they are', () => {
    expect(partsOf({ type: 'CUSTOM', name: 'weather', value: 1 })).toEqual([
      { type: 'data-weather', data: 1 },
    ]);
  });

  it('tells the whole of a subagent at each change, as the page keeps the last', () => {
    expect(
      partsOf(
        { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'caspar' },
        { type: 'SUBAGENT_ERROR', subagentRunId: 's', message: 'no', code: 'C' },
      ).at(-1),
    ).toEqual({
      type: 'data-subagent',
      id: 's',
      data: { name: 'caspar', status: 'failed', message: 'no', code: 'C' },
    });
  });

  it('keeps the step of a call that waits for the page, which looks at the last one only', () => {
    expect(
      typesOf(
        { type: 'TOOL_CALL_START', toolCallId: 'theirs', toolCallName: 'n' },
        { type: 'TOOL_CALL_END', toolCallId: 'theirs' },
        { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
        { type: 'TOOL_CALL_END', toolCallId: 'c' },
        { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content: 'x' },
        { type: 'CUSTOM', name: 'n', value: 1 },
        finished,
      ),
    ).not.toContain('start-step');
  });

  it('tells the result of a call of the message that the page goes on with', () => {
    const body = {
      messages: [
        { role: 'assistant', toolCalls: [{ id: 'old' }] },
        { role: 'user' },
        { role: 'assistant', toolCalls: [{ id: 'c' }] },
        { role: 'tool' },
      ],
    };
    const encode = createUiEncoder(body);
    const result = (toolCallId: string) =>
      encode({ type: 'TOOL_CALL_RESULT', toolCallId, messageId: 'm', content: 'x' });
    expect(result('c')).toContain('"tool-output-available"');
    expect(result('old')).toContain('"data-tool-call-result"');
  });

  it('asks under a part of its own in each run, whatever the interrupt is called', () => {
    const outcome = { type: 'interrupt' as const, interrupts: [{ id: 'i', reason: 'r' }] };
    const idIn = (runId: string) =>
      partsOf({ ...started, runId }, { ...finished, outcome }).find(
        ({ type }) => type === 'data-interrupt',
      ).id;
    expect(idIn('r1')).not.toBe(idIn('r2'));
  });

  it('keeps names from the page that its parser refuses, and nothing else', () => {
    const content =
      '{"__proto__":1,"constructor":{"prototype":1},"constructor2":1,"a":{"constructor":"x"}}';
    const parts = partsOf(
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n' },
      { type: 'TOOL_CALL_END', toolCallId: 'c' },
      { type: 'TOOL_CALL_RESULT', toolCallId: 'c', messageId: 'm', content },
    );
    expect(Object.keys(parts.at(-1).output)).toEqual(['constructor2', 'a']);
    expect(parts.at(-1).output.a).toEqual({ constructor: 'x' });
  });
});
