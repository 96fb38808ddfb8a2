import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, launchChromium, openPage } from './open-page';
import { type Demo, startDemo } from './start-demo';

describe('the council page', () => {
  let demo: Demo;
  let browser: Browser;
  const councilUrl = () => new URL('/council', demo.pageUrl).href;

  beforeAll(async () => {
    // Builds the page when it has not been built yet, which a busy machine takes minutes for.
    demo = await startDemo();
    browser = await launchChromium();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  it('fills three columns at once, then lets the judge speak', async () => {
    const { page, problems, close } = await openPage(browser, councilUrl());
    await ask(page, 'What happens when the reader is slow?');
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll('.sage')].filter(
          (sage) =>
            sage.querySelector('.state')?.getAttribute('data-state') === 'running' &&
            (sage.querySelector('.prose')?.textContent?.length ?? 0) > 0,
        ).length === 3,
    );
    await expect(page.locator('.judge .prose').count()).resolves.toBe(0);
    await page.locator('.judge .state', { hasText: 'Done' }).waitFor({ timeout: 60_000 });
    await expect(page.locator('.sage .state').allInnerTexts()).resolves.toEqual([
      'Done',
      'Done',
      'Done',
    ]);
    const verdict = await page.locator('.judge .prose').textContent();
    expect(verdict).toContain('No language model weighed anything');
    expect(problems).toEqual([]);
    await close();
  });

  it('goes on without a sage that fails, and tells the reader which one', async () => {
    const { page, close } = await openPage(browser, councilUrl());
    await ask(page, '/fail caspar What happens when the reader is slow?');
    await page.locator('.judge .state', { hasText: 'Done' }).waitFor({ timeout: 60_000 });
    await expect(page.locator('.sage .state').allInnerTexts()).resolves.toEqual([
      'Failed',
      'Done',
      'Done',
    ]);
    await expect(page.locator('.judge .prose').textContent()).resolves.toContain(
      'CASPAR could not be heard',
    );
    await expect(page.locator('.error-banner').count()).resolves.toBe(0);
    await close();
  });

  it('stops all three sages at once', async () => {
    const { page, close } = await openPage(browser, councilUrl());
    await ask(page, 'What happens when the reader is slow?');
    await page.locator('.sage .prose').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.send:not(.stop)').waitFor();
    expect(await page.locator('.sage .state').allInnerTexts()).not.toContain('Reading');
    await close();
  });
});
