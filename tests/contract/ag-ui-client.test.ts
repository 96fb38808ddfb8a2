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
    const { newMessages } = await agent.runAgent({ runId: `run-${version}` });
    return newMessages;
  };

  test(`HttpAgent of @ag-ui/client ${version} completes a run with the whole text`, async () => {
    expect(await ask(english, 'What is the answer?')).toMatchObject([
      { role: 'assistant', content: 'The answer is 42.' },
    ]);
  });

  test(`HttpAgent of @ag-ui/client ${version} completes a run in Japanese`, async () => {
    expect(await ask(japanese, '天気は？')).toMatchObject([
      { role: 'assistant', content: japaneseAnswer },
    ]);
  });

  test(`HttpAgent of @ag-ui/client ${version} is told when the agent failed`, async () => {
    english.bedrock.faultNext({ kind: 'exception', name: 'accessDeniedException', afterFrames: 2 });
    await expect(ask(english, 'q')).rejects.toThrow();
  });
}
