import type * as agui from '@ag-ui/core';
import * as schemas from '@ag-ui/core/schemas';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { allSamples, fullSamples } from './event-samples.fixture';
import { type AgentEvent, type AgentEventType, PROTOCOL_VERSION } from './events';
import type { Message, RunAgentInput } from './messages';

/** AG-UI names its types by an enum: its members' string values are the names that we use. */
type Plain<T> = T extends agui.EventType
  ? `${T}`
  : T extends (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [K in keyof T]: Plain<T[K]> }
      : T;

describe('the event types', () => {
  it('are mutually assignable with those of @ag-ui/core 1.0', () => {
    expectTypeOf<AgentEventType>().toEqualTypeOf<`${agui.EventType}`>();
    expectTypeOf<AgentEvent>().toExtend<Plain<agui.AGUIEvent>>();
    expectTypeOf<Plain<agui.AGUIEvent>>().toExtend<AgentEvent>();
    expectTypeOf<Message>().toExtend<Plain<agui.Message>>();
    expectTypeOf<Plain<agui.Message>>().toExtend<Message>();
    expectTypeOf<RunAgentInput>().toExtend<Plain<agui.RunAgentInput>>();
    expectTypeOf<Plain<agui.RunAgentInput>>().toExtend<RunAgentInput>();
  });

  it('have a sample for each of the 31 types', () => {
    expect(Object.keys(fullSamples).sort()).toEqual(
      [...schemas.EventTypeSchema.options].map(String).sort(),
    );
    expect(Object.keys(fullSamples)).toHaveLength(31);
  });

  it.each(allSamples)('are valid by the schema of @ag-ui/core 1.0: %j', (sample) => {
    expect(schemas.EventSchema.parse(sample)).toEqual(sample);
  });

  it('describe version 1.0', () => {
    expect(PROTOCOL_VERSION).toBe('1.0');
  });
});
