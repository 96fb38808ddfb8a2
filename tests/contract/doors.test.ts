import { createServer } from 'node:http';
import { fetchHandler, nodeHandler, type Run, streamHandler } from '@magi/lambda-stream';
import { startFunctionUrl } from '@magi/lambda-stream/local';
import { expect, test } from 'vitest';
import { readEvents, terminalEvent } from '../support/agent-events';
import { runInput } from '../support/function-url-event';
import { type RawOptions, type RawResponse, rawRequest } from '../support/raw-request';

const run: Run = async function* ({ input }) {
  yield 'こんにちは、';
  yield { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'search' };
  yield { type: 'TOOL_CALL_END', toolCallId: 'c' };
  yield 'again';
  if (input.threadId === 'failing') throw new Error('no word of this');
};
const options = { authorize: null, pace: false, onError: () => undefined } as const;

/** Each door answers one request and closes. */
const doors: Readonly<Record<string, (request: RawOptions) => Promise<Partial<RawResponse>>>> = {
  streamHandler: async (request) => {
    const { url, close } = await startFunctionUrl(streamHandler(run, options), { port: 0 });
    try {
      return await rawRequest(url, request);
    } finally {
      await close();
    }
  },
  fetchHandler: async ({ method = 'POST', headers, body }) => {
    const response = await fetchHandler(
      run,
      options,
    )(
      new Request('http://localhost/', {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    );
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      text: await response.text(),
    };
  },
  nodeHandler: async (request) => {
    const server = createServer(nodeHandler(run, options));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    const port = bound === null || typeof bound === 'string' ? 0 : bound.port;
    try {
      return await rawRequest(`http://127.0.0.1:${port}/`, request);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  },
};

const requests: readonly (readonly [name: string, request: RawOptions])[] = [
  ['a run that finishes', { body: runInput('q') }],
  ['a run that fails', { body: { ...runInput('q'), threadId: 'failing' } }],
  ['a body that is not JSON', { body: '{' }],
  ['a body of another type', { body: 'a', headers: { 'content-type': 'text/plain' } }],
  ['a method without a run', { method: 'PUT', body: runInput('q') }],
];

for (const [name, request] of requests) {
  test(`the three doors answer ${name} with the same bytes`, async () => {
    const answers = [];
    for (const open of Object.values(doors)) {
      const { status, headers = {}, text } = await open(request);
      answers.push({
        status,
        type: headers['content-type'],
        cache: headers['cache-control'],
        text,
      });
    }
    const [first, ...others] = answers;
    for (const other of others) expect(other).toEqual(first);
    if (first?.status === 200) terminalEvent(readEvents(first.text ?? ''));
    else expect(first?.type).toMatch(/^application\/problem\+json/);
  });
}
