import { expect, test } from 'vitest';
import { createAgentClient } from './agent-client';
import { answer, eventStream, frame } from './test/frames';

test('a malformed event ends the run, whatever else came in the same chunk', async () => {
  const frames = answer('one ', 'lost', 'three').map((event) => frame(event));
  frames.splice(3, 0, 'data: {"type":"TEXT_MESSAGE_CONTENT","messageId":"m1","delta":5}\n\n');
  frames.splice(5, 0, `: ${'x'.repeat(70_000)}\n\n`);
  const fetch = async () => new Response(frames.join(''), { headers: eventStream });
  const run = createAgentClient({ url: 'https://agent.example', fetch }).run('Hi');
  await expect(run.text()).rejects.toMatchObject({ code: 'ERR_PROTOCOL', field: 'delta' });
});
