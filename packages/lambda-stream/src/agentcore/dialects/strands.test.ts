import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../sources/verify-run.fixture';
import type { RuntimeDialect } from './dialect';
import { createDialectMapper } from './dialect';

const PRINTED =
  "{'data': 'Hello', 'agent': <strands.agent.agent.Agent object at 0xffff>, 'request_state': {}}";

const start = { event: { messageStart: { role: 'assistant' } } };
const text = { event: { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hello' } } } };
const stop = (stopReason: string) => ({ event: { messageStop: { stopReason } } });
const toolUse = { toolUseId: 'u1', name: 'search', input: {} };
const callFrame = { event: { contentBlockStart: { contentBlockIndex: 0, start: { toolUse } } } };
const call = { message: { role: 'assistant', content: [{ toolUse }] } };
const toolResult = { toolUseId: 'u1', content: [{ text: 'found' }] };
const result = { message: { role: 'user', content: [{ toolResult }] } };

function mapAll(values: readonly unknown[], dialect: RuntimeDialect | 'auto' = 'strands') {
  const mapper = createDialectMapper(dialect);
  const events: AgentEvent[] = [];
  const emit = (event: AgentEvent): void => {
    events.push(event);
  };
  for (const value of values) mapper.map(value, emit);
  const isComplete = mapper.finish(emit) !== undefined;
  return { text: textOf(events), types: events.map(({ type }) => type), isComplete };
}

describe('createStrandsMapper()', () => {
  it.each(['auto', 'strands'] as const)('leaves printed events out (%s)', (dialect) => {
    const values = [PRINTED, start, text, PRINTED, 'Hello', stop('end_turn')];
    const answer = mapAll(values, dialect);
    expect(answer).toMatchObject({ text: 'Hello', isComplete: true });
    expect(answer.types).not.toContain('RAW');
  });

  it('keeps other strings where no frames come', () => {
    expect(mapAll(['A ', PRINTED, "{'b'", ' c']).text).toBe("A {'b' c");
  });

  it.each([
    ['frames', [start, callFrame, stop('tool_use')]],
    ['frames and their message', [start, callFrame, stop('tool_use'), call]],
    ['a message', [call]],
    ['a second call', [call, result, call]],
  ])('is incomplete after a tool call without a result: %s', (_name, values) => {
    expect(mapAll(values).isComplete).toBe(false);
  });

  it('takes a tool call as the end of a model that is named', () => {
    const values = [start, callFrame, stop('tool_use')];
    expect(mapAll(values, 'converse').isComplete).toBe(true);
    expect(mapAll(values, 'auto').isComplete).toBe(false);
    expect(mapAll([start, callFrame], 'converse').isComplete).toBe(false);
    expect(mapAll(['Hello'], 'converse').isComplete).toBe(false);
    expect(mapAll([call], 'converse').isComplete).toBe(false);
    expect(mapAll([call, { result: {} }], 'converse').isComplete).toBe(true);
  });

  it.each([
    ['a tool result', [start, callFrame, stop('tool_use'), call, result]],
    ['the result of the agent', [start, callFrame, stop('tool_use'), { result: {} }]],
    ['another message', [start, callFrame, stop('tool_use'), start, text, stop('end_turn')]],
    ['a tool result, without frames', [call, result]],
  ])('is complete after a tool call and %s', (_name, values) => {
    expect(mapAll(values).isComplete).toBe(true);
  });
});
