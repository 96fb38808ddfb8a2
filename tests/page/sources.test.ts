import type { Browser } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { answerComplete, ask, launchChromium, openPage } from './open-page';
import { type Demo, startDemo } from './start-demo';

describe.each([
  ['converse', 'ConverseStream'],
  ['agentcore', 'AgentCore (AG-UI)'],
])('the chat page with AGENT_SOURCE=%s', (source, wire) => {
  let demo: Demo;
  let browser: Browser;
  let close: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    demo = await startDemo({ AGENT_SOURCE: source });
    browser = await launchChromium();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  afterEach(async () => {
    await close?.();
    close = undefined;
  });

  it('names the wire, and answers with numbered citations', async () => {
    const opened = await openPage(browser, demo.pageUrl);
    close = opened.close;
    const { page, problems } = opened;
    await expect(page.locator('.agent-badge').textContent()).resolves.toContain(wire);
    await ask(page, 'How does a run end, and what if the stream is cut?');
    expect(await answerComplete(page)).toContain('passage');
    expect(await page.locator('.prose button.chip').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });
});
