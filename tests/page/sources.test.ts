import { describe, expect, it } from 'vitest';
import { answerComplete, ask } from './open-page';
import { setUpDemo } from './set-up-demo';

describe.each([
  ['converse', 'ConverseStream'],
  ['agentcore', 'AgentCore (AG-UI)'],
])('the chat page with AGENT_SOURCE=%s', (source, wire) => {
  const { open } = setUpDemo({ AGENT_SOURCE: source });

  it('names the wire, and answers with numbered citations', async () => {
    const { page, problems } = await open();
    await expect(page.locator('.agent-badge').textContent()).resolves.toContain(wire);
    await ask(page, 'How does a run end, and what if the stream is cut?');
    expect(await answerComplete(page)).toContain('passage');
    expect(await page.locator('.prose button.chip').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });
});
