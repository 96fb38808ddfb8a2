import { describe, expect, it } from 'vitest';
import { ask } from './open-page';
import { setUpDemo } from './set-up-demo';

describe('the council page', () => {
  const { open } = setUpDemo();

  it('fills three columns at once, then lets the judge speak', async () => {
    const { page, problems } = await open('/council');
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
  });

  it('goes on without a sage that fails, and tells the reader which one', async () => {
    const { page } = await open('/council');
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
  });

  it('stops all three sages at once', async () => {
    const { page } = await open('/council');
    await ask(page, 'What happens when the reader is slow?');
    await page.locator('.sage .prose').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.send:not(.stop)').waitFor();
    expect(await page.locator('.sage .state').allInnerTexts()).not.toContain('Reading');
  });
});
