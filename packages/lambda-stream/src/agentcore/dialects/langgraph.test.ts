import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { createLangGraphMapper } from './langgraph';

const chunk = (id: string, fields: object) => [
  { type: 'AIMessageChunk', content: '', id, ...fields },
  { langgraph_node: 'n' },
];
const call = (id: string | null, args: string) => ({
  tool_call_chunks: [{ id, name: id, args, index: 0 }],
});

/** What the values become, each event as its type and the call it belongs to. */
function mapAll(values: readonly unknown[]): string[] {
  const mapper = createLangGraphMapper();
  const events: AgentEvent[] = [];
  for (const value of values) mapper.map(value, (event) => events.push(event));
  mapper.finish((event) => events.push(event));
  return events.map((event) => `${event.type} ${'toolCallId' in event ? event.toolCallId : ''}`);
}

describe('createLangGraphMapper()', () => {
  it('leaves a call open that another node still writes when a result comes', () => {
    expect(
      mapAll([
        chunk('m1', call('c1', '{}')),
        chunk('m2', call('c2', '{"ci')),
        [{ type: 'tool', content: 'found', tool_call_id: 'c1' }, {}],
        chunk('m2', call(null, 'ty":"Oslo"}')),
      ]),
    ).toEqual([
      'TOOL_CALL_START c1',
      'TOOL_CALL_ARGS c1',
      'TOOL_CALL_START c2',
      'TOOL_CALL_ARGS c2',
      'TOOL_CALL_END c1',
      'TOOL_CALL_RESULT c1',
      'TOOL_CALL_ARGS c2',
      'TOOL_CALL_END c2',
    ]);
  });

  it.each([
    ['last chunk', chunk('m1', { chunk_position: 'last' })],
    ['whole message', { type: 'ai', content: '', id: 'm1' }],
  ])('ends the calls of a message at its %s', (_name, last) => {
    const other = chunk('m2', call('c2', '{}'));
    expect(mapAll([chunk('m1', call('c1', '{}')), other, last]).slice(-2)).toEqual([
      'TOOL_CALL_END c1',
      'TOOL_CALL_END c2',
    ]);
    expect(mapAll([chunk('m1', call('c1', '{}')), last, other]).slice(2, 4)).toEqual([
      'TOOL_CALL_END c1',
      'TOOL_CALL_START c2',
    ]);
  });

  it('adds nothing to a call that has its result', () => {
    const result = { type: 'tool', content: 'found', tool_call_id: 'c1' };
    expect(
      mapAll([chunk('m1', call('c1', '{}')), result, chunk('m1', call(null, ' '))]).at(-1),
    ).toBe('TOOL_CALL_RESULT c1');
  });
});
