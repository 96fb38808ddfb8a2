import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentService, startAgentService } from '../support/agent-service';
import { runInput } from '../support/function-url-event';
import { type RawOptions, rawRequest } from '../support/raw-request';

let service: AgentService;
beforeAll(async () => {
  service = await startAgentService('ENGLISH');
});
afterAll(() => service?.close());

const good = runInput('q');
const message = { id: 'm', role: 'user', content: 'q' };

const refusals: [
  name: string,
  request: RawOptions & { path?: string },
  status: number,
  says: RegExp,
][] = [
  ['a body that is not JSON', { body: '{"threadId":' }, 400, /JSON/],
  ['an empty body', { body: '' }, 400, /./],
  ['a body without messages', { body: { threadId: 't', runId: 'r' } }, 400, /messages/],
  ['messages that are no list', { body: { ...good, messages: {} } }, 400, /messages/],
  [
    'a message of an unknown role',
    { body: { ...good, messages: [message, { ...message, role: 'robot' }] } },
    400,
    /messages.*1.*role/,
  ],
  [
    'a message without content',
    { body: { ...good, messages: [{ id: 'm', role: 'user' }] } },
    400,
    /messages.*0.*content/,
  ],
  ['a thread id that is a number', { body: { ...good, threadId: 7 } }, 400, /threadId/],
  ['an unknown path', { body: good, path: 'no-such-path' }, 404, /./],
  ['the method PUT', { body: good, method: 'PUT' }, 405, /./],
  ['the method DELETE', { method: 'DELETE' }, 405, /./],
  ['a form', { body: 'a=b', headers: { 'content-type': 'text/plain' } }, 415, /./],
  ['a body above 1 MiB', { body: runInput('q'.repeat(1_100_000)) }, 413, /./],
];

for (const [name, { path = '', ...request }, status, says] of refusals) {
  test(`${name} gets ${status} with a problem document and never reaches the agent`, async () => {
    const before = service.bedrock.requests.length;
    const response = await rawRequest(new URL(path, service.url).href, request);
    expect(response.status).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = JSON.parse(response.text);
    expect(problem).toMatchObject({ status, title: expect.any(String) });
    expect(response.text).toMatch(says);
    expect(response.text).not.toMatch(/\n\s+at |node_modules/);
    expect(service.bedrock.requests.length).toBe(before);
  });
}

test('405 names the methods that are allowed', async () => {
  const { headers } = await rawRequest(service.url, { method: 'PUT', body: good });
  expect(headers.allow).toContain('POST');
});

test('a good request after all of these reaches the agent once', async () => {
  const before = service.bedrock.requests.length;
  expect((await rawRequest(service.url, { body: good })).status).toBe(200);
  expect(service.bedrock.requests.length).toBe(before + 1);
});
