import type { Message } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { toolUseInterrupt } from '../sources/tool-use-interrupt';
import { converseMessages, converseSystem, converseTools } from './converse-messages';

const user = (content: string): Message => ({ id: 'u', role: 'user', content });
const assistantCall: Message = {
  id: 'a1',
  role: 'assistant',
  content: 'I look.',
  toolCalls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"q":1}' } }],
};

describe('converseMessages()', () => {
  it('joins messages of one role that follow each other', () => {
    expect(converseMessages({ messages: [user('One.'), user('Two.')] })).toEqual([
      { role: 'user', content: [{ text: 'One.' }, { text: 'Two.' }] },
    ]);
  });

  it('turns tool calls and tool messages into toolUse and toolResult', () => {
    const result: Message = { id: 't', role: 'tool', toolCallId: 'c1', content: 'found' };
    expect(converseMessages({ messages: [user('Hi'), assistantCall, result] })).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      {
        role: 'assistant',
        content: [
          { text: 'I look.' },
          { toolUse: { toolUseId: 'c1', name: 'find', input: { q: 1 } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'c1', content: [{ text: 'found' }], status: 'success' } },
        ],
      },
    ]);
  });

  it.each([
    ['resolved', { result: { n: 1 } }, '{"n":1}', 'success'],
    ['resolved', 'found', 'found', 'success'],
    ['resolved', { result: 'no index', error: true }, 'no index', 'error'],
    ['cancelled', undefined, 'The user declined the call', 'error'],
  ] as const)(
    'turns an answer that is %s with %j into a toolResult',
    (status, payload, text, is) => {
      const resume = [{ interruptId: toolUseInterrupt('c1', 'find').id, status, payload }];
      const turns = converseMessages({ messages: [user('Hi'), assistantCall], resume });
      expect(turns.at(-1)).toEqual({
        role: 'user',
        content: [{ toolResult: { toolUseId: 'c1', content: [{ text }], status: is } }],
      });
    },
  );

  it('answers the last call of an id that a model used again', () => {
    const call = (id: string, turn: number): Message => ({
      id: `a${turn}`,
      role: 'assistant',
      toolCalls: [{ id, type: 'function', function: { name: 'find', arguments: `{"t":${turn}}` } }],
    });
    const resume = [
      {
        interruptId: toolUseInterrupt('c1', 'find').id,
        status: 'resolved',
        payload: 'two',
      } as const,
    ];
    const messages = [user('A?'), call('c1', 1), user('B?'), call('run-2/c1', 2)];
    expect(converseMessages({ messages, resume })).toEqual([
      { role: 'user', content: [{ text: 'A?' }, { text: 'B?' }] },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'renamed_1', name: 'find', input: { t: 2 } } }],
      },
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: 'renamed_1',
              content: [{ text: 'two' }],
              status: 'success',
            },
          },
        ],
      },
    ]);
  });

  it('answers each agent of a merge its own call', () => {
    const agents = ['caspar-1a2b3c4d', 'melchior-5e6f7a8b'];
    const messages = agents.map(
      (agent): Message => ({
        id: `${agent}/a`,
        role: 'assistant',
        toolCalls: [
          { id: `${agent}/c1`, type: 'function', function: { name: agent, arguments: '' } },
        ],
      }),
    );
    const resume = agents.map((agent) => ({
      interruptId: `${agent}/${toolUseInterrupt('c1', 'find').id}`,
      status: 'resolved' as const,
      payload: `for ${agent}`,
    }));
    const blocks = converseMessages({ messages, resume }).flatMap(({ content }) => content ?? []);
    expect(blocks.flatMap(({ toolUse }) => toolUse?.name ?? [])).toEqual(agents);
    expect(blocks.flatMap(({ toolResult }) => toolResult?.content?.[0]?.text ?? [])).toEqual(
      agents.map((agent) => `for ${agent}`),
    );
  });

  it('gives ids that the service refuses another name, one for each', () => {
    const ids = ['run/c1', 'x'.repeat(65), 'a.b', 'run/c1'];
    const messages = ids.flatMap((id, at): Message[] => [
      {
        id: `a${at}`,
        role: 'assistant',
        toolCalls: [{ id, type: 'function', function: { name: 'find', arguments: '' } }],
      },
      { id: `t${at}`, role: 'tool', toolCallId: id, content: `${at}` },
    ]);
    const blocks = converseMessages({ messages }).flatMap(({ content }) => content ?? []);
    const names = ['renamed_1', 'renamed_2', 'renamed_3', 'renamed_1'];
    expect(blocks.flatMap(({ toolUse }) => toolUse?.toolUseId ?? [])).toEqual(names);
    expect(
      blocks.flatMap(({ toolResult }) =>
        toolResult ? [[toolResult.toolUseId, toolResult.content?.[0]?.text]] : [],
      ),
    ).toEqual(names.map((name, at) => [name, `${at}`]));
  });

  it('puts the results of calls before what the user wrote instead of an answer', () => {
    const { id: interruptId } = toolUseInterrupt('c1', 'find');
    const turns = converseMessages({
      messages: [user('Hi'), assistantCall, user('Never mind')],
      resume: [{ interruptId, status: 'cancelled' }],
    });
    expect(turns.at(-1)?.content).toEqual([
      {
        toolResult: {
          toolUseId: 'c1',
          content: [{ text: 'The user declined the call' }],
          status: 'error',
        },
      },
      { text: 'Never mind' },
    ]);
  });

  it('leaves a tool call out that was never answered', () => {
    expect(converseMessages({ messages: [user('Hi'), assistantCall, user('Never mind')] })).toEqual(
      [
        { role: 'user', content: [{ text: 'Hi' }] },
        { role: 'assistant', content: [{ text: 'I look.' }] },
        { role: 'user', content: [{ text: 'Never mind' }] },
      ],
    );
  });

  it('passes inline images and documents on and leaves addresses out', () => {
    const source = { type: 'data', value: 'aGk=', mimeType: 'image/png' } as const;
    const messages: Message[] = [
      {
        id: 'u',
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image', source },
          { type: 'document', source: { ...source, mimeType: 'text/plain' } },
          { type: 'image', source: { type: 'url', value: 'https://example.com/a.png' } },
        ],
      },
    ];
    const bytes = Buffer.from('hi');
    expect(converseMessages({ messages })).toEqual([
      {
        role: 'user',
        content: [
          { text: 'Look' },
          { image: { format: 'png', source: { bytes } } },
          { document: { name: 'document-1', format: 'txt', source: { bytes } } },
        ],
      },
    ]);
  });

  it('names the documents of all turns differently', () => {
    const source = { type: 'data', value: 'aGk=', mimeType: 'application/pdf' } as const;
    const withDocument: Message = {
      id: 'u',
      role: 'user',
      content: [
        { type: 'text', text: 'Read' },
        { type: 'document', source },
      ],
    };
    const answer: Message = { id: 'a', role: 'assistant', content: 'Done.' };
    const turns = converseMessages({ messages: [withDocument, answer, withDocument] });
    const blocks = turns.flatMap(({ content }) => content ?? []);
    expect(blocks.flatMap(({ document }) => document?.name ?? [])).toEqual([
      'document-1',
      'document-2',
    ]);
  });

  it('leaves blank text out', () => {
    const messages: Message[] = [
      { id: 's', role: 'system', content: ' ' },
      { ...user(''), content: [{ type: 'text', text: '\n' }] } as Message,
      user('Hi'),
      { ...assistantCall, content: '\n\n' } as Message,
      { id: 't', role: 'tool', toolCallId: 'c1', content: '' },
      user(' \n'),
    ];
    expect(converseSystem({ messages })).toEqual([]);
    expect(converseMessages({ messages })).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
      {
        role: 'assistant',
        content: [{ toolUse: { toolUseId: 'c1', name: 'find', input: { q: 1 } } }],
      },
      {
        role: 'user',
        content: [
          {
            toolResult: {
              toolUseId: 'c1',
              content: [{ text: '(no result)' }],
              status: 'success',
            },
          },
        ],
      },
    ]);
  });

  it.each([
    ['{"q":1}', { q: 1 }],
    [' ', {}],
    ['[1]', { text: '[1]' }],
    ['null', { text: 'null' }],
    ['{"q":', { text: '{"q":' }],
  ])('passes the arguments %j on as an object', (args, expected) => {
    const toolCalls = [
      { id: 'c1', type: 'function', function: { name: 'find', arguments: args } } as const,
    ];
    const result: Message = { id: 't', role: 'tool', toolCallId: 'c1', content: 'found' };
    const call: Message = { id: 'a', role: 'assistant', toolCalls };
    const [, turn] = converseMessages({ messages: [user('Hi'), call, result] });
    expect(turn?.content?.[0]?.toolUse?.input).toEqual(expected);
  });

  it('leaves a result out whose call is gone', () => {
    const result: Message = { id: 't', role: 'tool', toolCallId: 'gone', content: 'found' };
    expect(converseMessages({ messages: [result, user('Hi')] })).toEqual([
      { role: 'user', content: [{ text: 'Hi' }] },
    ]);
  });

  it('leaves reasoning, activity and system messages out', () => {
    const messages: Message[] = [
      { id: 's', role: 'system', content: 'Be brief.' },
      { id: 'r', role: 'reasoning', content: 'Hm.' },
      user('Hi'),
    ];
    expect(converseMessages({ messages })).toHaveLength(1);
    expect(converseSystem({ messages })).toEqual([{ text: 'Be brief.' }]);
  });
});

describe('converseTools()', () => {
  it('passes the JSON Schema of each tool on', () => {
    const parameters = { type: 'object', properties: { q: { type: 'string' } } };
    expect(converseTools([{ name: 'find', description: 'Finds', parameters }])).toEqual([
      { toolSpec: { name: 'find', description: 'Finds', inputSchema: { json: parameters } } },
    ]);
  });
});
