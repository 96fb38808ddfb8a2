import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../sources/verify-run.fixture';
import { createDialectMapper } from './dialect';

describe('createDialectMapper()', () => {
  it.each(['', null, false])('takes an answer whose error is %j as a good one', (error) => {
    const mapper = createDialectMapper('auto');
    const events: AgentEvent[] = [];
    mapper.map({ answer: 'Hello', error }, (event) => events.push(event));
    expect(textOf(events)).toBe('Hello');
  });

  it('says nothing for null', () => {
    const mapper = createDialectMapper('auto');
    const events: AgentEvent[] = [];
    for (const value of ['Hello', null]) mapper.map(value, (event) => events.push(event));
    expect(textOf(events)).toBe('Hello');
    expect(events.at(-1)).toEqual({ type: 'RAW', event: null, source: 'agentcore-runtime' });
  });

  it.each(['boom', { message: 'boom' }])('fails on the error %j', (error) => {
    const mapper = createDialectMapper('auto');
    expect(() => mapper.map({ answer: 'Hello', error }, () => {})).toThrow('The agent failed');
  });
});
