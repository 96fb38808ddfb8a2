import { createAgentClient } from '@magi/stream-client';
import { expect, test } from 'vitest';
import { startAgentService } from '../support/agent-service';

test('200 runs at once all end whole, and none leaves an upstream open', async () => {
  const words = Array.from({ length: 20 }, (_, index) => `word-${index} `);
  const service = await startAgentService('busy', {
    transport: 'http1',
    agents: {
      busy: async function* () {
        for (const word of words) {
          yield word;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      },
    },
  });
  try {
    const client = createAgentClient({ url: service.url });
    const runs = Array.from({ length: 200 }, (_, index) => client.run(`question ${index}`));
    const texts = await Promise.all(runs.map((run) => run.text()));
    expect(new Set(texts)).toEqual(new Set([words.join('')]));
    expect(service.bedrock.requests).toHaveLength(200);
    await expect.poll(() => service.bedrock.openResponses).toBe(0);
  } finally {
    await service.close();
  }
});
