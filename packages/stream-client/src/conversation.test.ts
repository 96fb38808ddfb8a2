import { afterEach, expect, test } from 'vitest';
import { createAgentClient } from './agent-client';
import { createConversation } from './conversation';
import { answer, eventStream, frame, startServer, type TestServer } from './test/sse-server';

let server: TestServer | undefined;
afterEach(() => server?.close());

test('send() shows the user message at once and the answer when it has come', async () => {
  server = await startServer((_request, response) => {
    response.writeHead(200, eventStream);
    for (const event of answer('Hel', 'lo')) response.write(frame(event));
    response.end();
  });
  const conversation = createConversation({ client: createAgentClient({ url: server.url }) });
  const done = conversation.send('Hi');
  expect(conversation.getSnapshot()).toMatchObject({
    status: 'connecting',
    messages: [{ role: 'user', text: 'Hi' }],
  });
  expect(await done).toMatchObject({ status: 'finished' });
  const { messages, status } = conversation.getSnapshot();
  expect(status).toBe('idle');
  expect(messages.map(({ role, text, state }) => [role, text, state])).toEqual([
    ['user', 'Hi', 'complete'],
    ['assistant', 'Hello', 'complete'],
  ]);
  await conversation.send('Again');
  expect(JSON.parse(server.requests[1]?.body ?? '').messages).toMatchObject([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Again' },
  ]);
});
