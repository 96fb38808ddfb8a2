import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { createTextMessage } from './text-message';

const ignore = (_event: AgentEvent): void => undefined;

describe('TextMessage.locate()', () => {
  it('finds the quoted text at the offset the service gave, counting in UTF-16 units', () => {
    const message = createTextMessage('m');
    message.append('🎉 tea and tea', ignore);
    // Counted in code points, the service says 2 to 4.
    expect(message.locate('tea', 2, 4)).toEqual({ start: 3, end: 6 });
    expect(message.locate('tea', 10, 13)).toEqual({ start: 11, end: 14 });
  });

  it('trusts the service where the quoted text has not come yet', () => {
    const message = createTextMessage('m');
    message.append('Two ', ignore);
    expect(message.locate('years', 4, 8)).toEqual({ start: 4, end: 9 });
  });

  it('has no span without any hint', () => {
    expect(createTextMessage('m').locate(undefined, undefined, undefined)).toBeUndefined();
  });

  it('keeps counting when the beginning of a long answer is forgotten', () => {
    const message = createTextMessage('m');
    for (let index = 0; index < 40; index += 1) message.append('x'.repeat(10_000), ignore);
    message.append('the end', ignore);
    expect(message.length()).toBe(400_007);
    expect(message.locate('the end', 400_000, 400_006)).toEqual({ start: 400_000, end: 400_007 });
  });
});

describe('TextMessage.append()', () => {
  it('starts the message with its first text only', () => {
    const message = createTextMessage('m', { subagentRunId: 's' });
    const events: AgentEvent[] = [];
    const emit = (event: AgentEvent): number => events.push(event);
    message.append('', emit);
    message.end(emit);
    expect(events).toEqual([]);
    message.append('Hi', emit);
    message.end(emit);
    expect(events.map(({ type }) => type)).toEqual([
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
    ]);
    expect(events.every((event) => 'subagentRunId' in event)).toBe(true);
  });
});
