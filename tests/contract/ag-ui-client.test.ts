import { HttpAgent } from '@ag-ui/client';
import { HttpAgent as HttpAgent0 } from '@ag-ui/client-0';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentService, japaneseAnswer, startAgentService } from '../support/agent-service';

let english: AgentService;
let japanese: AgentService;

beforeAll(async () => {
  english = await startAgentService('ENGLISH');
  japanese = await startAgentService('JAPANESE');
});
afterAll(async () => {
  await english?.close();
  await japanese?.close();
});

const clients = {
  '1.0': (url: string) => new HttpAgent({ url, threadId: 't' }),
  '0.0.59': (url: string) => new HttpAgent0({ url, threadId: 't' }),
};

for (const [version, create] of Object.entries(clients)) {
  const ask = async (service: AgentService, question: string) => {
    const agent = create(service.url);
    agent.addMessage({ id: 'm1', role: 'user', content: question });
    const errors: (string | undefined)[] = [];
    const { newMessages } = await agent.runAgent(
      { runId: `run-${version}` },
      {
        onRunErrorEvent: ({ event }) => {
          errors.push(event.code);
        },
      },
    );
    return { newMessages, errors };
  };

  test(`HttpAgent of @ag-ui/client ${version} completes a run with the whole text`, async () => {
    expect(await ask(english, 'What is the answer?')).toMatchObject({
      newMessages: [{ role: 'assistant', content: 'The answer is 42.' }],
      errors: [],
    });
  });

  test(`HttpAgent of @ag-ui/client ${version} completes a run in Japanese`, async () => {
    expect(await ask(japanese, '天気は？')).toMatchObject({
      newMessages: [{ role: 'assistant', content: japaneseAnswer }],
      errors: [],
    });
  });

  test(`HttpAgent of @ag-ui/client ${version} is told when the agent failed`, async () => {
    english.bedrock.faultNext({ kind: 'exception', name: 'accessDeniedException', afterFrames: 2 });
    expect((await ask(english, 'q')).errors).toEqual(['ACCESS_DENIED']);
  });
}
