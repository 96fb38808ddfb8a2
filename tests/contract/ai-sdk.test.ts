import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Chat } from '@ai-sdk/react';
import type { RunAgentInput } from '@magi/lambda-stream';
import { lastUserText, mergeAgents, nodeHandler, type Run } from '@magi/lambda-stream';
import { uiMessageStream } from '@magi/lambda-stream/ai-sdk';
import { DefaultChatTransport, lastAssistantMessageIsCompleteWithToolCalls } from 'ai';
import {
  DefaultChatTransport as DefaultChatTransport6,
  lastAssistantMessageIsCompleteWithApprovalResponses as isAnswered6,
  lastAssistantMessageIsCompleteWithToolCalls as isComplete6,
} from 'ai-6';
import { Chat as Chat6 } from 'ai-sdk-react-3';
import { afterEach, describe, expect, test } from 'vitest';

/** What is used here of either major's `Chat`, the state behind `useChat`. */
interface AnyChat {
  readonly messages: {
    id: string;
    role: string;
    parts: Record<string, unknown>[];
    metadata?: unknown;
  }[];
  readonly status: string;
  readonly error: Error | undefined;
  sendMessage(
    message?: { text?: string; files?: unknown[] },
    options?: { body?: object },
  ): Promise<void>;
  regenerate(): Promise<void>;
  addToolOutput(output: { tool: string; toolCallId: string; output: unknown }): Promise<void>;
  addToolApprovalResponse(response: { id: string; approved: boolean }): Promise<void>;
}
type Settings = Record<string, unknown>;
const majors: Record<string, (api: string, settings?: Settings) => AnyChat> = {
  '7': (api, settings) =>
    new Chat({
      id: 'chat-1',
      transport: new DefaultChatTransport({ api }),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      ...settings,
    } as never) as never,
  '6': (api, settings) =>
    new Chat6({
      id: 'chat-1',
      transport: new DefaultChatTransport6({ api }),
      sendAutomaticallyWhen: (state: never) => isComplete6(state) || isAnswered6(state),
      ...settings,
    } as never) as never,
};

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});
/** Serves a run; `inputs` are what it was asked with. */
async function serve(run: Run<RunAgentInput, undefined>, pace: false | object = {}) {
  const inputs: RunAgentInput[] = [];
  const handler = nodeHandler<RunAgentInput, undefined>(
    (request) => {
      inputs.push(request.input);
      return run(request);
    },
    { authorize: null, wireFormat: uiMessageStream(), pace: pace as false, onError: () => {} },
  );
  const listening = createServer(handler as never);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`, inputs };
}

const partsOf = (chat: AnyChat) =>
  chat.messages
    .at(-1)
    ?.parts.map(({ type, text, state }) => [type, text ?? state].filter(Boolean).join(' '));

for (const [major, create] of Object.entries(majors)) {
  describe(`useChat of AI SDK ${major}`, () => {
    test('shows an answer, and sends the conversation with the next question', async () => {
      const { url, inputs } = await serve(async function* ({ input }) {
        yield 'あなたは';
        yield `「${lastUserText(input)}」と言った。`;
      });
      const chat = create(url);
      await chat.sendMessage({ text: '天気は？' });
      await chat.sendMessage({ text: '明日は？' }, { body: { tenant: 'a' } });
      expect(chat.error).toBeUndefined();
      expect(chat.status).toBe('ready');
      expect(partsOf(chat)).toEqual(['step-start', 'text あなたは「明日は？」と言った。']);
      expect(chat.messages.at(-1)?.metadata).toMatchObject({ threadId: 'chat-1' });
      expect(inputs[1]).toMatchObject({ threadId: 'chat-1', forwardedProps: { tenant: 'a' } });
      expect(inputs[1]?.messages.map(({ role, content }) => [role, content])).toEqual([
        ['user', '天気は？'],
        ['assistant', 'あなたは「天気は？」と言った。'],
        ['user', '明日は？'],
      ]);
      await chat.regenerate();
      expect(inputs[2]?.messages).toHaveLength(3);
      expect(chat.messages).toHaveLength(4);
    });

    test.each([false, {}])('shows everything that a run can hold, with pace %j', async (pace) => {
      const data: unknown[] = [];
      const { url } = await serve(async function* () {
        yield { type: 'REASONING_START', messageId: 'r' };
        yield { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' };
        yield { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'Hmm' };
        yield { type: 'REASONING_MESSAGE_END', messageId: 'r' };
        yield { type: 'REASONING_END', messageId: 'r' };
        yield { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'Look' };
        yield { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'ing' };
        yield {
          type: 'CUSTOM',
          name: 'magi.trace',
          value: { id: '1', kind: 'k', label: 'l', status: 'started' },
        };
        yield { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'weather' };
        for (const delta of ['{"city":', '"Kyo', 'to"}'])
          yield { type: 'TOOL_CALL_ARGS', toolCallId: 'c', delta };
        yield { type: 'TOOL_CALL_END', toolCallId: 'c' };
        yield {
          type: 'TOOL_CALL_RESULT',
          toolCallId: 'c',
          messageId: 'cr',
          content: '{"sun":true}',
        };
        yield 'Sunny.';
        yield {
          type: 'CUSTOM',
          name: 'magi.citation',
          value: { id: 'q', messageId: 'm', uri: 'https://a.example/', quote: 'sun' },
        };
        yield {
          type: 'CUSTOM',
          name: 'magi.file',
          value: { id: 'f', name: 'a.txt', mimeType: 'text/plain', data: 'YQ==' },
        };
        yield { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } };
        yield {
          type: 'RUN_FINISHED',
          threadId: 't',
          runId: 'r',
          usage: [{ inputTokens: 3, outputTokens: 4 }],
        };
      }, pace);
      const chat = create(url, { onData: (part: { type: string }) => data.push(part.type) });
      await chat.sendMessage({ text: 'q' });
      expect(chat.error).toBeUndefined();
      expect(partsOf(chat)).toEqual([
        'step-start',
        'reasoning Hmm',
        'text Looking',
        'dynamic-tool output-available',
        'step-start',
        'text Sunny.',
        'source-url',
        'data-citation',
        'file',
      ]);
      const { parts = [], metadata } = chat.messages.at(-1) ?? {};
      expect(parts[3]).toMatchObject({
        toolName: 'weather',
        input: { city: 'Kyoto' },
        output: { sun: true },
      });
      expect(parts.at(-1)).toMatchObject({ url: 'data:text/plain;base64,YQ==' });
      expect(metadata).toMatchObject({ usage: [{ inputTokens: 3, outputTokens: 4 }] });
      expect(data).toEqual(
        expect.arrayContaining(['data-trace', 'data-citation', 'data-state-snapshot']),
      );
    });

    test('shows agents that speak at once, each its own, and does not take their words for the answer', async () => {
      const { url, inputs } = await serve(async function* () {
        const sage = (word: string) =>
          async function* () {
            for (const part of [word, ' and ', word]) {
              yield part;
              await new Promise(setImmediate);
            }
          };
        async function* calling() {
          yield { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'weather' } as const;
          yield { type: 'TOOL_CALL_END', toolCallId: 'c' } as const;
          yield {
            type: 'TOOL_CALL_RESULT',
            toolCallId: 'c',
            messageId: 'r',
            content: 'sun',
          } as const;
        }
        yield* mergeAgents({ caspar: sage('yes'), melchior: sage('no'), balthasar: calling });
        yield 'Both.';
      });
      const chat = create(url);
      await chat.sendMessage({ text: 'q' });
      expect(chat.error).toBeUndefined();
      const { parts = [] } = chat.messages.at(-1) ?? {};
      const texts = parts.filter(({ type }) => type === 'text').map(({ text }) => text);
      expect(texts.sort()).toEqual(['Both.', 'no and no', 'yes and yes']);
      const subagents = parts.filter(({ type }) => type === 'data-subagent');
      expect(subagents.map(({ data }) => data)).toMatchObject([
        { name: 'caspar', status: 'finished' },
        { name: 'melchior', status: 'finished' },
        { name: 'balthasar', status: 'finished' },
      ]);
      expect(parts.find(({ type }) => type === 'dynamic-tool')).toMatchObject({ output: 'sun' });
      await chat.sendMessage({ text: 'again' });
      expect(inputs[1]?.messages.slice(1, -1)).toEqual([
        { id: expect.any(String), role: 'assistant', content: 'Both.' },
      ]);
    });

    test('runs a tool on the page and goes on with its result', async () => {
      const { url, inputs } = await serve(async function* ({ input }) {
        const [answer] = input.resume ?? [];
        if (answer) {
          yield `It is ${JSON.stringify(answer.payload)}.`;
          return;
        }
        yield 'Let me see.';
        yield { type: 'TOOL_CALL_START', toolCallId: 'c1', toolCallName: 'clock' };
        yield { type: 'TOOL_CALL_END', toolCallId: 'c1' };
        yield {
          type: 'RUN_FINISHED',
          threadId: 't',
          runId: 'r',
          outcome: {
            type: 'interrupt',
            interrupts: [{ id: 'i1', reason: 'tool_call', toolCallId: 'c1' }],
          },
        };
      });
      let chat: AnyChat;
      const onToolCall = ({ toolCall }: { toolCall: { toolName: string; toolCallId: string } }) => {
        void chat.addToolOutput({
          tool: toolCall.toolName,
          toolCallId: toolCall.toolCallId,
          output: { hour: 5 },
        });
      };
      chat = create(url, { onToolCall });
      await chat.sendMessage({ text: 'q' });
      await expect
        .poll(() => inputs.length === 2 && chat.status, { timeout: 15_000 })
        .toBe('ready');
      expect(chat.error).toBeUndefined();
      expect(chat.messages).toHaveLength(2);
      expect(partsOf(chat)?.at(-1)).toBe('text It is {"approved":true,"result":{"hour":5}}.');
      expect(inputs[1]?.resume).toEqual([
        { interruptId: 'i1', status: 'resolved', payload: { approved: true, result: { hour: 5 } } },
      ]);
      expect(inputs[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
      // An answer is given once.
      await chat.sendMessage({ text: 'thanks' });
      expect(inputs[2]?.resume).toBeUndefined();
    });

    test('asks whether a call is allowed; a message instead of an answer declines', async () => {
      const { url, inputs } = await serve(async function* ({ input }) {
        if (input.resume) {
          yield JSON.stringify(input.resume);
          return;
        }
        const id = `c${input.messages.length}`;
        yield { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: 'erase' };
        yield { type: 'TOOL_CALL_ARGS', toolCallId: id, delta: '{"all":true}' };
        yield { type: 'TOOL_CALL_END', toolCallId: id };
        const interrupts = [{ id: `i-${id}`, reason: 'confirmation', toolCallId: id }];
        yield {
          type: 'RUN_FINISHED',
          threadId: 't',
          runId: 'r',
          outcome: { type: 'interrupt', interrupts },
        };
      });
      const chat = create(url, { sendAutomaticallyWhen: isAnswered6 });
      await chat.sendMessage({ text: 'q' });
      expect(chat.error).toBeUndefined();
      expect(chat.messages.at(-1)?.parts.find(({ type }) => type === 'dynamic-tool')).toMatchObject(
        {
          state: 'approval-requested',
          approval: { id: 'i-c1' },
        },
      );
      await chat.addToolApprovalResponse({ id: 'i-c1', approved: false });
      await expect
        .poll(() => inputs.length === 2 && chat.status, { timeout: 15_000 })
        .toBe('ready');
      expect(inputs[1]?.resume).toEqual([
        { interruptId: 'i-c1', status: 'resolved', payload: { approved: false } },
      ]);
      await chat.sendMessage({ text: 'another' });
      await chat.sendMessage({ text: 'never mind' });
      expect(inputs[3]?.resume).toEqual([
        { interruptId: expect.stringMatching(/^i-c/), status: 'cancelled' },
      ]);
      expect(chat.error).toBeUndefined();
    });

    test('goes on with a page’s tool beside one of the server, and with what the server did after leave', async () => {
      const { url, inputs } = await serve(async function* ({ input }) {
        if (input.resume) {
          yield { type: 'TOOL_CALL_RESULT', toolCallId: 'page', messageId: 'p', content: 'erased' };
          yield 'Done.';
          return;
        }
        for (const toolCallId of ['server', 'page']) {
          yield { type: 'TOOL_CALL_START', toolCallId, toolCallName: toolCallId };
          yield { type: 'TOOL_CALL_END', toolCallId };
        }
        yield {
          type: 'TOOL_CALL_RESULT',
          toolCallId: 'server',
          messageId: 's',
          content: '{"__proto__":{"a":1}}',
        };
        yield 'May I?';
        const interrupts = [{ id: 'i', reason: 'confirmation', toolCallId: 'page' }];
        yield {
          type: 'RUN_FINISHED',
          threadId: 't',
          runId: 'r',
          outcome: { type: 'interrupt', interrupts },
        };
      });
      const chat = create(url, { sendAutomaticallyWhen: isAnswered6 });
      await chat.sendMessage({ text: 'q' });
      expect(chat.error).toBeUndefined();
      await chat.addToolApprovalResponse({ id: 'i', approved: true });
      await expect
        .poll(() => inputs.length === 2 && chat.status, { timeout: 15_000 })
        .toBe('ready');
      expect(chat.error).toBeUndefined();
      expect(partsOf(chat)?.at(-1)).toBe('text Done.');
      await chat.sendMessage({ text: 'thanks' });
      expect(inputs[2]?.resume).toBeUndefined();
      expect(inputs[2]?.messages.filter(({ role }) => role === 'tool')).toMatchObject([
        { toolCallId: 'server' },
        { toolCallId: 'page', content: 'erased' },
      ]);
    });

    test('is told of a run that failed, in the words meant for it', async () => {
      const { url } = await serve(async function* () {
        yield 'Half';
        throw new Error('secret');
      });
      const chat = create(url);
      await chat.sendMessage({ text: 'q' });
      expect(chat.status).toBe('error');
      expect(chat.error?.message).toBe('The agent failed');
      expect(chat.messages.at(-1)?.metadata).toMatchObject({ errorCode: 'INTERNAL_ERROR' });
    });

    test('sends files as parts of the question', async () => {
      const { url, inputs } = await serve(async function* () {
        yield 'Seen.';
      });
      const chat = create(url);
      const files = [
        { type: 'file', mediaType: 'image/png', url: 'data:image/png;base64,aGk=' },
        { type: 'file', mediaType: 'application/pdf', url: 'https://a.example/a.pdf' },
      ];
      await chat.sendMessage({ text: 'What is it?', files });
      expect(inputs[0]?.messages[0]?.content).toEqual(
        expect.arrayContaining([
          { type: 'image', source: { type: 'data', value: 'aGk=', mimeType: 'image/png' } },
          {
            type: 'document',
            source: { type: 'url', value: 'https://a.example/a.pdf', mimeType: 'application/pdf' },
          },
          { type: 'text', text: 'What is it?' },
        ]),
      );
    });
  });
}
