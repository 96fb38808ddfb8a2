import { describe, expect, test } from 'vitest';
import { createRunTranscript } from './run-transcript';

describe('createRunTranscript()', () => {
  test('collects text and tool calls by the message they belong to', () => {
    const transcript = createRunTranscript();
    transcript.add({ type: 'TEXT_MESSAGE_START', messageId: 'm1' });
    transcript.add({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'Let me ' });
    transcript.add({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'look' });
    transcript.add({
      type: 'TOOL_CALL_START',
      toolCallId: 'c1',
      toolCallName: 'look',
      parentMessageId: 'm1',
    });
    transcript.add({ type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: '{"a"' });
    transcript.add({ type: 'TOOL_CALL_ARGS', toolCallId: 'c1', delta: ':1}' });
    expect(transcript.messages).toEqual([
      {
        id: 'm1',
        role: 'assistant',
        content: 'Let me look',
        toolCalls: [
          { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } },
        ],
      },
    ]);
    expect(transcript.unanswered().map(({ id }) => id)).toEqual(['c1']);
  });

  test('reads CHUNK events, whose ids may be left out after the first', () => {
    const transcript = createRunTranscript();
    transcript.add({ type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'a' });
    transcript.add({ type: 'TEXT_MESSAGE_CHUNK', delta: 'b' });
    transcript.add({ type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 'look', delta: '{' });
    transcript.add({ type: 'TOOL_CALL_CHUNK', delta: '}' });
    const [text, call] = transcript.messages;
    expect(text).toMatchObject({ id: 'm1', content: 'ab' });
    expect(call).toMatchObject({ toolCalls: [{ id: 'c1', function: { arguments: '{}' } }] });
  });

  test('a result answers its call and is a message of its own', () => {
    const transcript = createRunTranscript();
    transcript.add({ type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'look' });
    transcript.add({ type: 'TOOL_CALL_RESULT', messageId: 'r1', toolCallId: 'c1', content: 'ok' });
    expect(transcript.unanswered()).toEqual([]);
    expect(transcript.messages.at(-1)).toEqual({
      id: 'r1',
      role: 'tool',
      toolCallId: 'c1',
      content: 'ok',
    });
  });

  test('leaves out what agents do not take back: reasoning, and messages of other roles', () => {
    const transcript = createRunTranscript();
    transcript.add({ type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' });
    transcript.add({ type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'hm' });
    transcript.add({ type: 'TEXT_MESSAGE_START', messageId: 's', role: 'system' });
    transcript.add({ type: 'TEXT_MESSAGE_CONTENT', messageId: 's', delta: 'hm' });
    expect(transcript.messages).toEqual([]);
  });
});
