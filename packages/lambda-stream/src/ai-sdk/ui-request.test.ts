import { checkRunAgentInput } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { issuePath } from '../standard-schema';
import { uiRequest } from './ui-request';

const read = (body: unknown) =>
  uiRequest['~standard'].validate(body) as { value?: never; issues?: never[] };
const user = (text: string, id = 'u1') => ({ id, role: 'user', parts: [{ type: 'text', text }] });
const call = (state: string, more: object = {}) => ({
  type: 'dynamic-tool',
  toolCallId: 'c1',
  toolName: 'erase',
  input: { all: true },
  state,
  ...more,
});
const interrupt = {
  type: 'data-interrupt',
  id: 'i1',
  data: { id: 'i1', reason: 'tool_call', toolCallId: 'c1' },
};
const start = { type: 'step-start' };
const assistant = (...parts: object[]) => ({ id: 'a1', role: 'assistant', parts });
const inputOf = (messages: object[], more: object = {}) =>
  checkRunAgentInput(read({ id: 'chat', messages, ...more }).value);

describe('uiRequest', () => {
  it.each([
    [null, '', 'must be an object'],
    [{ messages: [user('q')] }, 'id', 'must be a string of 1 to 512 characters'],
    [{ id: 'c', messages: [] }, 'messages', 'must be a non-empty array of UI messages'],
    [{ id: 'c', messages: ['q'] }, 'messages[0]', 'must be a UI message'],
    [
      { id: 'c', messages: [{ id: 'u', role: 'tool', parts: [] }] },
      'messages[0].role',
      'must be "system", "user" or "assistant"',
    ],
    [
      { id: 'c', messages: [{ id: 'u', role: 'user', content: 'q' }] },
      'messages[0].parts',
      'must be an array of parts, each with a "type"',
    ],
    [{ id: 'c', messages: [{ role: 'user', parts: [] }] }, 'messages[0].id', 'must be a string'],
  ])('refuses %j', (body, path, message) => {
    const { issues = [] } = read(body);
    expect(
      issues.map((issue) => [issuePath(issue), (issue as { message: string }).message]),
    ).toEqual([[path, message]]);
  });

  it('makes a valid input of the shortest body, with a run of its own each time', () => {
    const input = inputOf([user('q')], { trigger: 'submit-message', messageId: 'x' });
    expect(input).toEqual({
      protocolVersion: '1.0',
      threadId: 'chat',
      runId: expect.stringMatching(/^[\da-f-]{36}$/),
      messages: [{ id: 'u1', role: 'user', content: 'q' }],
      tools: [],
      context: [],
    });
    expect(inputOf([user('q')]).runId).not.toBe(input.runId);
  });

  it('hands on what the page adds to the body', () => {
    const added = {
      state: { n: 1 },
      context: [{ description: 'd', value: 'v' }],
      tools: [],
      tenant: 'a',
    };
    const { state, context, forwardedProps } = inputOf([user('q')], added);
    expect({ state, context, forwardedProps }).toEqual({
      state: added.state,
      context: added.context,
      forwardedProps: { tenant: 'a' },
    });
  });

  it('makes a message of each step, and of each result of a tool', () => {
    const said = (text: string, more: object = {}) => ({ type: 'text', text, ...more });
    const { messages } = inputOf([
      { id: 's', role: 'system', parts: [said('Be brief.')] },
      user('q'),
      assistant(
        start,
        said('Look'),
        said('ing.'),
        said('A sage.', { providerMetadata: { magi: { subagentRunId: 's1' } } }),
        call('output-available', { output: 'done' }),
        {
          type: 'tool-clock',
          toolCallId: 'c2',
          state: 'output-error',
          input: undefined,
          errorText: 'late',
        },
        { type: 'tool-clock', toolCallId: 'c3', state: 'input-streaming', input: { half: 1 } },
        { type: 'reasoning', text: 'Hmm' },
        start,
        said('Done.'),
        start,
      ),
      user('thanks', 'u2'),
    ]);
    expect(messages).toEqual([
      { id: 's', role: 'system', content: 'Be brief.' },
      { id: 'u1', role: 'user', content: 'q' },
      {
        id: 'a1',
        role: 'assistant',
        content: 'Looking.',
        toolCalls: [
          { id: 'c1', type: 'function', function: { name: 'erase', arguments: '{"all":true}' } },
          { id: 'c2', type: 'function', function: { name: 'clock', arguments: '{}' } },
        ],
      },
      { id: 'c1-result', role: 'tool', toolCallId: 'c1', content: 'done' },
      { id: 'c2-result', role: 'tool', toolCallId: 'c2', content: '', error: 'late' },
      { id: 'a1-3', role: 'assistant', content: 'Done.' },
      { id: 'u2', role: 'user', content: 'thanks' },
    ]);
  });

  it.each([
    [
      'output-available',
      { output: 7 },
      { status: 'resolved', payload: { approved: true, result: 7 } },
    ],
    [
      'output-error',
      { errorText: 'no' },
      { status: 'resolved', payload: { approved: true, result: 'no', state: 'REPROMPT' } },
    ],
    [
      'approval-responded',
      { approval: { id: 'i1', approved: true } },
      { status: 'resolved', payload: { approved: true } },
    ],
    [
      'approval-responded',
      { approval: { id: 'i1', approved: 'yes' } },
      { status: 'resolved', payload: { approved: false } },
    ],
    ['output-denied', {}, { status: 'cancelled' }],
  ])('answers an interrupt by %s %j', (state, more, answer) => {
    const { resume } = inputOf([user('q'), assistant(start, call(state, more), interrupt)]);
    expect(resume).toEqual([{ interruptId: 'i1', ...answer }]);
  });

  it('has no answer where none was given, or where it was given before', () => {
    const asking = assistant(start, call('input-available'), interrupt);
    expect(inputOf([user('q'), asking]).resume).toBeUndefined();
    const answered = assistant(start, call('output-available', { output: 1 }), interrupt, start, {
      type: 'text',
      text: 'ok',
    });
    expect(inputOf([user('q'), answered, user('more', 'u2')]).resume).toBeUndefined();
  });

  it('declines for a user who writes instead', () => {
    const asking = assistant(start, call('approval-requested'), interrupt);
    expect(inputOf([user('q'), asking, user('no', 'u2')]).resume).toEqual([
      { interruptId: 'i1', status: 'cancelled' },
    ]);
  });

  it('prefers the answers that the page gives itself', () => {
    const resume = [{ interruptId: 'i9', status: 'resolved', payload: 1 }];
    const asking = assistant(start, call('output-available', { output: 1 }), interrupt);
    expect(inputOf([user('q'), asking], { resume }).resume).toEqual(resume);
  });

  it.each([
    [{ type: 'text', text: { deep: 1 } }, 'text'],
    [{ type: 'file', url: 'https://a.example/' }, 'mediaType'],
    [{ type: 'file', mediaType: 'image/png' }, 'url'],
    [{ type: 'dynamic-tool', toolCallId: { toString: 1 }, toolName: 'x' }, 'toolCallId'],
    [{ type: 'tool-x' }, 'toolCallId'],
  ])('refuses the part %j by name', (part, field) => {
    const { issues = [] } = read({ id: 'c', messages: [{ id: 'u', role: 'user', parts: [part] }] });
    expect(issues.map(issuePath)).toEqual([`messages[0].parts[0].${field}`]);
  });

  it('refuses an id that is too long for a thread, and what is nested too deep', () => {
    expect(read({ id: 'x'.repeat(513), messages: [user('q')] }).issues).toHaveLength(1);
    const output = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    const { issues } = read({
      id: 'c',
      messages: [assistant(call('output-available', { output }))],
    });
    expect(issues).toMatchObject([{ path: ['messages'] }]);
  });

  it.each([
    ['data:text/plain;BASE64,aGk=', 'aGk='],
    ['data:text/plain;charset=utf-8;base64,aGk=', 'aGk='],
    ['data:text/plain,h%C3%A9', 'aMOp'],
  ])('reads %s', (url, value) => {
    const parts = [{ type: 'file', mediaType: 'text/plain', url }];
    const [message] = inputOf([{ id: 'u', role: 'user', parts }]).messages;
    expect(message?.content).toEqual([
      { type: 'document', source: { type: 'data', value, mimeType: 'text/plain' } },
    ]);
  });

  it('answers again where the run that was to have the answer failed before its first word', () => {
    const asking = assistant(start, call('output-available', { output: 7 }), interrupt, start);
    expect(inputOf([user('q'), asking]).resume).toMatchObject([{ interruptId: 'i1' }]);
    expect(inputOf([user('q'), asking, user('again', 'u2')]).resume).toMatchObject([
      { interruptId: 'i1', status: 'resolved' },
    ]);
  });

  it('reads each part once, however many ask', () => {
    let reads = 0;
    const calls = Array.from({ length: 2_000 }, (_, i) => ({
      ...call('output-available', { output: 1 }),
      get toolCallId() {
        reads++;
        return `c${i}`;
      },
    }));
    const asking = calls.map((_, i) => ({
      type: 'data-interrupt',
      data: { id: `i${i}`, toolCallId: `c${i}` },
    }));
    expect(inputOf([user('q'), assistant(...calls, ...asking)]).resume).toHaveLength(2_000);
    expect(reads).toBeLessThan(20_000);
  });
});
