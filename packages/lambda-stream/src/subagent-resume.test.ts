import type { AgentEvent, AgentEventOf, Interrupt, ResumeEntry } from '@magi/stream-protocol';
import { createRunLifecycle } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { returnControlAnswer, returnControlInterrupt } from './bedrock-agent/return-control';
import { mergeAgents } from './merge-agents';
import { subagent } from './subagent';
import type { AgentSource } from './subagent-run';

type Resume = readonly ResumeEntry[];

/** Collects the events, which must be a valid run, and the return value. */
async function collect<T>(generator: AsyncGenerator<AgentEvent, T>) {
  const lifecycle = createRunLifecycle();
  const events: AgentEvent[] = [];
  for (;;) {
    const step = await generator.next();
    if (step.done) return { events, results: step.value };
    lifecycle.accept(step.value);
    events.push(step.value);
  }
}

function interruptsOf(events: readonly AgentEvent[]): readonly Interrupt[] {
  const last = events.find(({ type }) => type === 'RUN_FINISHED') as
    | AgentEventOf<'RUN_FINISHED'>
    | undefined;
  return last?.outcome?.type === 'interrupt' ? last.outcome.interrupts : [];
}

const finished = (interrupts: Interrupt[]): AgentEvent => ({
  type: 'RUN_FINISHED',
  threadId: 't',
  runId: 'inner',
  outcome: { type: 'interrupt', interrupts },
});

const asks = (id: string) => finished([{ id, reason: 'approval' }]);

/** Asks first, and answers once it is told; remembers what it was told each time. */
function asking(id: string) {
  const told: Resume[] = [];
  const source: AgentSource = async function* (_signal, resume) {
    told.push(resume);
    if (resume.length === 0) yield asks(id);
    else yield `${id}: ${resume.map(({ payload }) => payload)}`;
  };
  return { source, told };
}

const answer = ({ id }: Interrupt, payload: unknown): ResumeEntry => ({
  interruptId: id,
  status: 'resolved',
  payload,
});

describe('mergeAgents() resumed', () => {
  it('hands each agent the answers to its own questions, under the ids that it gave', async () => {
    const caspar = asking('q1');
    const melchior = asking('q1');
    const agents = { caspar: caspar.source, melchior: melchior.source };
    const first = await collect(mergeAgents(agents));
    const interrupts = interruptsOf(first.events);
    expect(new Set(interrupts.map(({ id }) => id)).size).toBe(2);

    const resume = interrupts.map((asked) => answer(asked, asked.subagentRunId));
    const second = await collect(mergeAgents(agents, { resume }));
    for (const [name, { told }] of Object.entries({ caspar, melchior })) {
      const { subagentRunId } = first.results[name as 'caspar'];
      expect(told).toEqual([
        [],
        [{ interruptId: 'q1', status: 'resolved', payload: subagentRunId }],
      ]);
      expect(second.results[name as 'caspar']).toMatchObject({
        status: 'finished',
        subagentRunId,
        text: `q1: ${subagentRunId}`,
      });
    }
  });

  it('answers two Bedrock agents that both returned control', async () => {
    const told: unknown[] = [];
    const bedrock = (invocationId: string): AgentSource =>
      async function* (_signal, resume) {
        const answered = returnControlAnswer(resume);
        told.push(answered?.invocationId);
        if (answered !== undefined) yield 'done';
        else {
          const called = { name: 'f', type: 'function', wants: 'RESULT', function: 'f' } as const;
          const { toolCallId: _, ...asked } = returnControlInterrupt(
            { invocationId },
            0,
            called as never,
          );
          yield finished([asked]);
        }
      };
    const agents = { a: bedrock('inv-a'), b: bedrock('inv-b') };
    const first = await collect(mergeAgents(agents));
    const resume = interruptsOf(first.events).map((asked) => answer(asked, 'yes'));
    const { results } = await collect(mergeAgents(agents, { resume }));
    expect(told).toEqual([undefined, undefined, 'inv-a', 'inv-b']);
    expect([results.a.text, results.b.text]).toEqual(['done', 'done']);
  });

  it('does not ask an agent again that none of the answers is for', async () => {
    const caspar = asking('q1');
    let asked = 0;
    const agents = {
      caspar: caspar.source,
      balthasar: async function* () {
        asked++;
        yield 'yes';
      },
    };
    const first = await collect(mergeAgents(agents));
    const resume = interruptsOf(first.events).map((each) => answer(each, 'go'));
    const { events, results } = await collect(mergeAgents(agents, { resume }));
    expect(asked).toBe(1);
    expect(results.balthasar).toMatchObject({ status: 'skipped', text: '', subagentRunId: '' });
    expect(results.caspar.status).toBe('finished');
    expect(events.filter(({ type }) => type === 'SUBAGENT_STARTED')).toHaveLength(1);
    const none = await collect(mergeAgents(agents, { resume: [] }));
    expect(asked).toBe(2);
    expect(none.results.balthasar.status).toBe('finished');
  });

  it('ends when none of the answers is for any of its agents', async () => {
    const resume: ResumeEntry[] = [{ interruptId: 'elsewhere', status: 'cancelled' }];
    const { events, results } = await collect(subagent('solomon', asking('q').source, { resume }));
    expect(results.status).toBe('skipped');
    expect(events.map(({ type }) => type)).toEqual(['RUN_STARTED', 'RUN_FINISHED']);
  });

  it('says new things under new ids, under the subagent’s old one', async () => {
    const source: AgentSource = async function* (_signal, resume) {
      yield 'hm';
      if (resume.length === 0) yield asks('q');
    };
    const first = await collect(subagent('a', source));
    const resume = interruptsOf(first.events).map((each) => answer(each, 'go'));
    const second = await collect(subagent('a', source, { resume }));
    expect(second.results.subagentRunId).toBe(first.results.subagentRunId);
    const [before, after] = [first, second].map(
      ({ events }) => events.find((event) => event.type === 'TEXT_MESSAGE_START')?.messageId,
    );
    expect(after).not.toBe(before);
  });

  it('gives each agent’s result to its own call, whoever speaks first', async () => {
    const calling = (turns: number): AgentSource =>
      async function* (_signal, resume) {
        const toolCallId = 'call_1';
        if (resume.length === 0) {
          yield { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'f' };
          yield { type: 'TOOL_CALL_END', toolCallId };
          yield finished([{ id: 'q', reason: 'tool_call', toolCallId }]);
          return;
        }
        for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
        yield { type: 'TOOL_CALL_RESULT', messageId: 'r1', toolCallId, content: 'found' };
      };
    const agents = { caspar: calling(3), melchior: calling(0) };
    const first = await collect(mergeAgents(agents));
    const interrupts = interruptsOf(first.events);
    const resume = interrupts.map((each) => answer(each, 'go'));
    const { events } = await collect(mergeAgents(agents, { resume }));
    const results = events.filter((event) => event.type === 'TOOL_CALL_RESULT');
    const ids = interrupts.map(({ subagentRunId }) => `${subagentRunId}/call_1`);
    expect(interrupts.map(({ toolCallId }) => toolCallId)).toEqual(ids);
    expect(results.map(({ toolCallId }) => toolCallId)).toEqual(ids.reverse());
  });

  it('finds the way through a merge inside a merge', async () => {
    const [left, right] = [asking('q'), asking('q')];
    const council = (resume: Resume) =>
      mergeAgents(
        {
          lower: (_signal, own) =>
            mergeAgents({ left: left.source, right: right.source }, { resume: own }),
        },
        { resume },
      );
    const first = await collect(council([]));
    const interrupts = interruptsOf(first.events);
    const suspended = first.events.flatMap((event) =>
      event.type === 'SUBAGENT_FINISHED' && event.outcome?.type === 'suspended'
        ? [event.outcome.interruptIds]
        : [],
    );
    const ids = interrupts.map(({ id }) => id);
    expect(suspended).toEqual([[ids[0]], [ids[1]], ids]);
    await collect(council(interrupts.map((each, index) => answer(each, index))));
    expect(left.told[1]).toEqual([{ interruptId: 'q', status: 'resolved', payload: 0 }]);
    expect(right.told[1]).toEqual([{ interruptId: 'q', status: 'resolved', payload: 1 }]);
  });

  it.each(['a', 'a/b', '東方', 'a-12345678'])('takes "%s" as a name', async (name) => {
    const { source, told } = asking('q');
    const other = asking('q');
    const agents = { [name]: source, [`${name}2`]: other.source };
    const { events } = await collect(mergeAgents(agents));
    const resume = interruptsOf(events).slice(0, 1);
    await collect(mergeAgents(agents, { resume: resume.map((each) => answer(each, 1)) }));
    expect(told).toHaveLength(2);
    expect(other.told).toHaveLength(1);
  });

  it('refuses an answer for an agent that cannot be told, and what is no list of answers', async () => {
    const iterable = async function* () {
      yield asks('q');
    };
    const { events } = await collect(mergeAgents({ a: iterable() }));
    const resume = interruptsOf(events).map((each) => answer(each, 'go'));
    expect(() => mergeAgents({ a: iterable() }, { resume })).toThrow(
      '"a" must be a function, to be told the answers',
    );
    expect(() => mergeAgents({ a: iterable() }, { resume: 'x' as never })).toThrow(TypeError);
  });
});
