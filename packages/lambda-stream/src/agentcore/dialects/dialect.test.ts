import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../sources/verify-run.fixture';
import { createDialectMapper, RUNTIME_DIALECTS } from './dialect';

describe('createDialectMapper()', () => {
  it.each(['', null, false])('takes an answer whose error is %j as a good one', (error) => {
    const mapper = createDialectMapper('auto');
    const events: AgentEvent[] = [];
    mapper.map({ answer: 'Hello', error }, (event) => events.push(event));
    expect(textOf(events)).toBe('Hello');
  });

  it.each(RUNTIME_DIALECTS)('says nothing for null (%s)', (dialect) => {
    const mapper = createDialectMapper(dialect);
    const events: AgentEvent[] = [];
    mapper.map(null, (event) => events.push(event));
    expect(events).toEqual([{ type: 'RAW', event: null, source: 'agentcore-runtime' }]);
  });

  it.each([...RUNTIME_DIALECTS, 'auto'] as const)('takes nothing for no answer (%s)', (dialect) => {
    const finish = (...values: unknown[]) => {
      const mapper = createDialectMapper(dialect);
      for (const value of values) mapper.map(value, () => {});
      return mapper.finish(() => {});
    };
    expect(finish()).toBeUndefined();
    expect(finish(null, null)).toBeUndefined();
    if (dialect !== 'ag-ui') expect(finish('', null)).toBeUndefined();
  });

  it.each(['boom', { message: 'boom' }])('fails on the error %j', (error) => {
    const mapper = createDialectMapper('auto');
    expect(() => mapper.map({ answer: 'Hello', error }, () => {})).toThrow('The agent failed');
  });
});
