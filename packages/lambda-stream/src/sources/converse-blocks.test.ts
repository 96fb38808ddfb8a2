import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { reasoningBlock } from './converse-blocks';

describe('reasoningBlock()', () => {
  it.each([
    ['bytes', (text: string) => new TextEncoder().encode(text)],
    ['base64', btoa],
  ])('joins redacted reasoning that comes in pieces of %s', (_name, encode) => {
    const block = reasoningBlock('m1');
    const events: AgentEvent[] = [];
    const emit = (event: AgentEvent): void => {
      events.push(event);
    };
    for (const piece of ['a', 'bc', 'def', 'g']) {
      block.delta({ reasoningContent: { redactedContent: encode(piece) } }, emit);
    }
    block.stop(emit);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'REASONING_ENCRYPTED_VALUE',
        encryptedValue: btoa('abcdefg'),
      }),
    );
  });
});
