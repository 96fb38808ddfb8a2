import type { BrowserContextOptions, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { answerComplete, ask, lastAnswer, watchAnswer, watched } from './open-page';
import { setUpDemo } from './set-up-demo';

describe('the chat page', () => {
  const { demo, open: openInBrowser } = setUpDemo();
  let page: Page;
  let problems: string[];

  async function open(options?: BrowserContextOptions, path = '/chat') {
    ({ page, problems } = await openInBrowser(path, options));
  }

  it('sends the home page to /chat and says that no language model answers', async () => {
    await open(undefined, '/');
    expect(page.url()).toBe(demo().pageUrl);
    await expect(page.locator('.welcome .label').textContent()).resolves.toContain(
      'No language model is available offline',
    );
  });

  it.each([
    ['English', 'How does a run end, and what if the stream is cut?', 'passage'],
    ['Japanese', '関数 URL の権限は何が必要ですか？', '両方'],
  ])(
    'answers a question in %s in many growing states, the first within two seconds',
    async (_, question, expected) => {
      await open();
      await watchAnswer(page);
      await ask(page, question);
      expect(await answerComplete(page)).toContain(expected);
      const states = await watched(page);
      const growing = states.filter(({ length }, at) => length > (states[at - 1]?.length ?? 0));
      expect(growing.length).toBeGreaterThanOrEqual(10);
      expect(states[0]?.atMs).toBeLessThan(2_000);
      expect(problems).toEqual([]);
    },
  );

  it('changes only the last block of an answer while it streams', async () => {
    await open();
    await page.evaluate(() => {
      const touched: string[] = [];
      new MutationObserver((records) => {
        for (const { target } of records) {
          const element = target instanceof Element ? target : target.parentElement;
          const block = element?.closest('.block');
          // The block before the last may still receive the mark of its source.
          const isDone = block?.nextElementSibling?.nextElementSibling;
          if (isDone) touched.push(block.textContent ?? '');
        }
      }).observe(document.body, { childList: true, characterData: true, subtree: true });
      Object.assign(window, { touched });
    });
    await ask(page, 'How does a run end, and what if the stream is cut?');
    await answerComplete(page);
    expect(await page.evaluate(() => Reflect.get(window, 'touched'))).toEqual([]);
  });

  it('opens the passage of a citation, and leads to where it stands', async () => {
    await open();
    await ask(page, '関数 URL の権限は何が必要ですか？');
    await answerComplete(page);
    await page.locator('.prose button.chip').first().click();
    const panel = page.locator('.side-panel');
    await expect(panel.textContent()).resolves.toContain('lambda:InvokeFunctionUrl');
    const address = await panel.locator('a.source-link').getAttribute('href');
    await page.goto(address ?? '');
    await expect(page.locator('.document h3', { hasText: '権限は二つ要る' }).count()).resolves.toBe(
      1,
    );
    expect(problems).toEqual([]);
  });

  it('shows each step and the tool call with its arguments and result', async () => {
    await open();
    await page.getByRole('button', { name: 'Show the trace' }).click();
    await ask(page, 'How is the caller authorized?');
    await answerComplete(page);
    const steps = page.locator('.timeline > li');
    await expect(
      steps.evaluateAll((items) => items.map((item) => item.getAttribute('data-kind'))),
    ).resolves.toEqual(['pre-processing', 'tool-call', 'post-processing', 'orchestration']);
    await page.getByText('Arguments').click();
    await expect(
      page.locator('[data-kind="tool-call"] pre').first().textContent(),
    ).resolves.toContain('How is the caller authorized?');
  });

  it.each(['button', 'Escape'])(
    'stops by %s within 200 ms and keeps what has arrived',
    async (by) => {
      await open();
      await watchAnswer(page);
      await ask(page, 'How does a run end, and what if the stream is cut?');
      await page.waitForFunction(() => Reflect.get(window, 'seen').length > 5);
      const tookMs = await page.evaluate(async (means) => {
        const stopped = new Promise<number>((resolve) => {
          const observer = new MutationObserver(() => {
            if (!document.querySelector('.message.assistant[data-message-state="stopped"]')) return;
            observer.disconnect();
            resolve(performance.now());
          });
          observer.observe(document.body, { attributes: true, childList: true, subtree: true });
        });
        const from = performance.now();
        if (means === 'button') document.querySelector<HTMLButtonElement>('.send.stop')?.click();
        else document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
        return (await stopped) - from;
      }, by);
      expect(tookMs).toBeLessThan(200);
      const kept = (await page.locator(lastAnswer).textContent()) ?? '';
      expect(kept).toContain('Stopped');
      expect(kept.length).toBeGreaterThan(20);
      await page.waitForTimeout(500);
      expect(await page.locator(lastAnswer).textContent()).toBe(kept);
      await expect(page.locator('.error-banner').count()).resolves.toBe(0);
    },
  );

  it('shows a failed answer as incomplete, and a retry that works', async () => {
    await open();
    await ask(page, '/fail');
    const banner = page.locator('.error-banner');
    await banner.waitFor();
    await expect(banner.getAttribute('role')).resolves.toBe('alert');
    await expect(banner.textContent()).resolves.toContain('THROTTLED');
    await expect(page.locator(lastAnswer).textContent()).resolves.toContain('Incomplete');
    await banner.getByRole('button', { name: 'Try again' }).click();
    await answerComplete(page);
    await expect(banner.count()).resolves.toBe(0);
    await expect(page.locator('.message.user').count()).resolves.toBe(1);
  });

  it('never takes an answer that was cut for a finished one', async () => {
    await open();
    await ask(page, '/truncate');
    await page.locator('.error-banner').waitFor();
    await expect(page.locator('.error-banner').textContent()).resolves.toContain(
      'UPSTREAM_TRUNCATED',
    );
    await expect(
      page.locator('.message.assistant[data-message-state="failed"]').count(),
    ).resolves.toBe(1);
  });

  it('says which function URL does not answer when there is none', async () => {
    await open();
    await page.route(`${demo().functionUrl}**`, (route) => route.abort());
    await ask(page, 'Anybody there?');
    await expect(page.locator('.error-banner').textContent()).resolves.toContain('ERR_NETWORK');
  });

  it('does not send the Enter that confirms what an input method proposed', async () => {
    await open();
    const keyboard = await page.context().newCDPSession(page);
    await page.locator('#question').focus();
    await keyboard.send('Input.imeSetComposition', {
      text: 'けんげん',
      selectionStart: 4,
      selectionEnd: 4,
    });
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 };
    await keyboard.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    await expect(page.locator('.message').count()).resolves.toBe(0);
    await keyboard.send('Input.insertText', { text: '権限' });
    await expect(page.locator('#question').inputValue()).resolves.toBe('権限');
    await page.keyboard.press('Enter');
    await page.locator('.message.user', { hasText: '権限' }).waitFor();
  });

  it('can be used by keyboard alone', async () => {
    await open();
    const field = page.locator('#question');
    await field.focus();
    await page.keyboard.type('How does a run');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('end?');
    await expect(field.inputValue()).resolves.toBe('How does a run\nend?');
    await page.keyboard.press('Enter');
    await answerComplete(page);
    await expect(field.evaluate((element) => element === document.activeElement)).resolves.toBe(
      true,
    );
    const chip = page.locator('.prose button.chip').first();
    await chip.focus();
    await page.keyboard.press('Enter');
    await page.locator('.side-panel').waitFor();
    await page.keyboard.press('Escape');
    await expect(page.locator('.side-panel').count()).resolves.toBe(0);
    await expect(chip.evaluate((element) => element === document.activeElement)).resolves.toBe(
      true,
    );
  });

  it('does not read every token to a screen reader', async () => {
    await open();
    await watchAnswer(page);
    await ask(page, 'How is the caller authorized?');
    await answerComplete(page);
    await page.getByRole('status').filter({ hasText: 'Answer complete.' }).waitFor();
    const spoken = new Set((await watched(page)).map(({ status }) => status));
    expect(spoken.size).toBeLessThanOrEqual(2);
    await expect(page.getByRole('log').getAttribute('aria-live')).resolves.toBe('off');
  });

  it('stays where the reader has scrolled to, and offers the way back', async () => {
    await open({ viewport: { width: 900, height: 500 } });
    await ask(page, 'How does a run end, and what if the stream is cut?');
    const scroller = page.locator('.scroller');
    await page.waitForFunction(() => (document.querySelector('.scroller')?.scrollTop ?? 0) > 60);
    await scroller.hover();
    await page.mouse.wheel(0, -2_000);
    await page.locator('.jump').waitFor();
    await answerComplete(page);
    expect(await scroller.evaluate((element) => element.scrollTop)).toBeLessThan(40);
    await page.locator('.jump').click();
    const fromEnd = await scroller.evaluate((e) => e.scrollHeight - e.clientHeight - e.scrollTop);
    expect(fromEnd).toBeLessThan(10);
  });

  it('follows the system in light and dark, and keeps what the reader chooses', async () => {
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await open({ colorScheme: 'dark' });
    const dark = await background();
    await page.getByRole('button', { name: 'Theme: System' }).click();
    const light = await background();
    expect(light).not.toBe(dark);
    await page.reload();
    expect(await background()).toBe(light);
  });

  it('speaks Japanese when asked to, and remembers it', async () => {
    await open();
    await page.getByRole('button', { name: 'Switch to Japanese' }).click();
    await expect(page.locator('h1').textContent()).resolves.toBe('何をお調べしましょうか');
    await page.reload();
    await expect(page.locator('html').getAttribute('lang')).resolves.toBe('ja');
  });

  it('fits a phone without scrolling sideways', async () => {
    await open({ viewport: { width: 360, height: 740 } });
    await ask(page, 'CORS の設定は？');
    await answerComplete(page);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - window.innerWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
  });
});
