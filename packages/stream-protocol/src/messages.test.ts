import { describe, expect, it } from 'vitest';
import type { Message } from './messages';
import { lastUserText } from './messages';

const question: Message = { id: 'u1', role: 'user', content: 'Cancel order 7' };
const answer: Message = { id: 'a1', role: 'assistant', content: 'Really?' };
const entry = (status: 'resolved' | 'cancelled') => ({ interruptId: 'i1', status });

describe('lastUserText()', () => {
  it('finds the last message of the user', () => {
    const content = [{ type: 'text', text: 'a' } as const, { type: 'text', text: 'b' } as const];
    expect(lastUserText({ messages: [question, { id: 'u2', role: 'user', content }] })).toBe('ab');
    expect(lastUserText({ messages: [question, answer] })).toBe('Cancel order 7');
    expect(lastUserText({ messages: [answer] })).toBe('');
  });

  it('leaves out the question behind an interrupt that is cancelled', () => {
    const messages = [question, answer];
    const resume = [entry('resolved'), entry('cancelled')];
    expect(lastUserText({ messages, resume })).toBe('');
    expect(lastUserText({ messages, resume: [entry('resolved')] })).toBe('Cancel order 7');
    const written: Message = { id: 'u2', role: 'user', content: 'Never mind' };
    expect(lastUserText({ messages: [...messages, written], resume })).toBe('Never mind');
  });

  it('takes a question at the very end for one that waits for its answer', () => {
    expect(lastUserText({ messages: [question], resume: [entry('cancelled')] })).toBe(
      'Cancel order 7',
    );
    const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '' } } as const;
    const asked: Message = { id: 'a1', role: 'assistant', toolCalls: [call] };
    expect(lastUserText({ messages: [question, asked], resume: [entry('cancelled')] })).toBe('');
  });
});
