import type { AgentEvent } from '@magi/lambda-stream';
import type { Message, ResumeEntry } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { askCouncil } from './council';
import type { AgentQuestion, Ask } from './sources/ask';

const address = { id: 'any', alias: undefined };
const council = {
  sages: { caspar: address, melchior: address },
  judge: address,
};
const question: Message = { id: 'u1', role: 'user', content: 'Book it?' };

function says(text: string): AgentEvent[] {
  return [
    { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: text },
    { type: 'TEXT_MESSAGE_END', messageId: 'm' },
  ];
}

const asksBack: AgentEvent = {
  type: 'RUN_FINISHED',
  threadId: 't',
  runId: 'r',
  outcome: { type: 'interrupt', interrupts: [{ id: 'leave', reason: 'confirmation' }] },
};

/** Runs a council whose agents answer as `answer` says. */
async function sit(
  answer: (role: string, input: AgentQuestion['input']) => AgentEvent[],
  messages: Message[],
  resume?: ResumeEntry[],
) {
  const asked: AgentQuestion[] = [];
  const ask: Ask = async function* (each) {
    asked.push(each);
    yield* answer(each.role, each.input);
  };
  const input = { threadId: 't', runId: 'r', messages, tools: [], context: [] };
  const events: AgentEvent[] = [];
  for await (const event of askCouncil(ask, council, {
    input: resume ? { ...input, resume } : input,
    sessionId: 's',
    signal: new AbortController().signal,
  }))
    events.push(event);
  return { asked, events, roles: asked.map(({ role }) => role).sort() };
}

const casparAsks = (role: string) =>
  role === 'caspar' ? [...says('I must book it.'), asksBack] : says(`${role} has spoken.`);

/** What the client knows after a run in which Caspar asked: the messages it sends, and the question's id. */
async function suspended() {
  const { events, roles } = await sit(casparAsks, [question]);
  const started = events.flatMap((event) => (event.type === 'SUBAGENT_STARTED' ? [event] : []));
  const idOf = (name: string) =>
    started.find((event) => event.name === name)?.subagentRunId ?? `no ${name}`;
  const said = ['caspar', 'melchior'].map(
    (name): Message => ({
      id: `${idOf(name)}/m`,
      role: 'assistant',
      subagentRunId: idOf(name),
      content: name === 'caspar' ? 'I must book it.' : 'melchior has spoken.',
    }),
  );
  return { roles, messages: [question, ...said], interruptId: `${idOf('caspar')}/leave` };
}

describe('askCouncil', () => {
  it('lets the judge wait for a sage that asks something back', async () => {
    const { roles } = await suspended();
    expect(roles).toEqual(['caspar', 'melchior']);
  });

  it('gives an answer to the sage that asked, and every opinion to the judge', async () => {
    const { messages, interruptId } = await suspended();
    const { asked, roles } = await sit((role) => says(`${role} decided.`), messages, [
      { interruptId, status: 'resolved', payload: { approved: true } },
    ]);
    expect(roles).toEqual(['caspar', 'solomon']);
    expect(asked[0]?.input).toMatchObject({
      messages: [{ content: 'Book it?' }],
      resume: [{ interruptId: 'leave', status: 'resolved', payload: { approved: true } }],
    });
    const brief = JSON.stringify(asked[1]?.input.messages);
    for (const part of ['Book it?', 'I must book it.', 'caspar decided.', 'melchior has spoken.'])
      expect(brief).toContain(part);
    expect(asked[1]?.input).not.toHaveProperty('resume');
  });

  it('gives the judge the answers that are for no sage', async () => {
    const { messages } = await suspended();
    const resume: ResumeEntry[] = [{ interruptId: 'verdict', status: 'resolved', payload: 1 }];
    const { asked, roles } = await sit((role) => says(role), messages, resume);
    expect(roles).toEqual(['solomon']);
    expect(asked[0]?.input.resume).toEqual(resume);
  });

  it('sits anew when the reader writes a question instead of an answer', async () => {
    const { messages, interruptId } = await suspended();
    const { asked, roles } = await sit(
      (role) => says(role),
      [...messages, { id: 'u2', role: 'user', content: 'And the other?' }],
      [{ interruptId, status: 'cancelled' }],
    );
    expect(roles).toEqual(['caspar', 'melchior', 'solomon']);
    expect(asked[0]?.input).toMatchObject({ messages: [{ content: 'And the other?' }] });
    expect(JSON.stringify(asked[2]?.input.messages)).not.toContain('I must book it.');
  });

  it('tells the judge who was not heard', async () => {
    const { asked } = await sit(
      (role) => {
        if (role === 'caspar') throw new Error('gone');
        return says(role);
      },
      [question],
    );
    expect(JSON.stringify(asked.at(-1)?.input.messages)).toContain('# Not heard\\n\\ncaspar');
  });
});
