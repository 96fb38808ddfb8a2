import { describe, expect, it } from 'vitest';
import { createDowngrade } from './downgrade';
import { allSamples, fullSamples } from './event-samples.fixture';
import type { AgentEvent } from './events';

describe('createDowngrade', () => {
  it.each(['1.0', '1.1', '2', '10.3'])('is the identity for version %s', (version) => {
    const downgrade = createDowngrade(version);
    for (const event of allSamples) expect(downgrade(event)).toBe(event);
  });

  it.each([undefined, '', '0.0.59', '0.9', 'latest', '-1'])(
    'serves version %s the 0.0.x subset',
    (version) => {
      const cancelled: AgentEvent = {
        type: 'RUN_FINISHED',
        threadId: 't1',
        runId: 'r1',
        outcome: { type: 'cancelled' },
        usage: [{ inputTokens: 1 }],
      };
      expect(createDowngrade(version)(cancelled)).toEqual({
        type: 'RUN_ERROR',
        message: 'The run was cancelled',
        code: 'CANCELLED',
        usage: [{ inputTokens: 1 }],
      });
    },
  );

  const downgrade = createDowngrade(undefined);

  it('turns the parts of a tool result into their text', () => {
    expect(downgrade(fullSamples.TOOL_CALL_RESULT)).toEqual({
      ...fullSamples.TOOL_CALL_RESULT,
      content: 'text',
    });
  });

  it('does the same inside a snapshot and an echoed input, and leaves user content alone', () => {
    const { messages } = fullSamples.MESSAGES_SNAPSHOT;
    const plain = messages.map((message) =>
      message.role === 'tool' ? { ...message, content: 'text' } : message,
    );
    expect(downgrade(fullSamples.MESSAGES_SNAPSHOT)).toMatchObject({ messages: plain });
    expect(downgrade(fullSamples.RUN_STARTED)).toMatchObject({ input: { messages: plain } });
  });

  it('keeps an interrupt and drops pendingToolCallIds', () => {
    expect(downgrade(fullSamples.RUN_FINISHED)).toBe(fullSamples.RUN_FINISHED);
    const finished = { type: 'RUN_FINISHED', threadId: 't', runId: 'r' } as const;
    expect(
      downgrade({ ...finished, outcome: { type: 'success', pendingToolCallIds: ['c1'] } }),
    ).toEqual({ ...finished, outcome: { type: 'success' } });
  });

  it('passes everything else unchanged', () => {
    for (const event of allSamples) {
      if (/^RUN_|SNAPSHOT|RESULT/.test(event.type)) continue;
      expect(downgrade(event)).toBe(event);
    }
  });
});
