import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright';
import { chromiumArgs, ensureChromium } from '../../scripts/chromium.mjs';

export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureChromium();
  return chromium.launch({ args: chromiumArgs, ...(executablePath && { executablePath }) });
}

/** Opens a page in a fresh profile and collects what goes wrong in it. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ locale: 'en-US', colorScheme: 'light', ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  await page.goto(url);
  // Typing works once the page is interactive: the send button answers to the field.
  const field = page.locator('#question');
  await field.fill('x');
  await page.locator('.send:enabled').waitFor();
  await field.fill('');
  return { page, problems, close: () => context.close() };
}

export async function ask(page: Page, question: string): Promise<void> {
  await page.locator('#question').fill(question);
  await page.keyboard.press('Enter');
}

export const lastAnswer = '.message.assistant[data-message-state] >> nth=-1';

export async function answerComplete(page: Page): Promise<string> {
  await page
    .locator('.message.assistant[data-message-state="complete"]')
    .last()
    .waitFor({ timeout: 60_000 });
  return (await page.locator(lastAnswer).locator('.prose').first().textContent()) ?? '';
}

/** Watches the answer grow from now on: each new length of its text, and when it was seen after the question was sent. */
export function watchAnswer(page: Page): Promise<void> {
  return page.evaluate(() => {
    const seen: { length: number; atMs: number; status: string }[] = [];
    let startedAt = 0;
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key === 'Enter') startedAt = performance.now();
      },
      true,
    );
    new MutationObserver(() => {
      const answers = document.querySelectorAll('.message.assistant[data-message-state] .prose');
      const length = answers[answers.length - 1]?.textContent?.length ?? 0;
      const status = document.querySelector('[role=status]')?.textContent ?? '';
      if (length > 0 && length !== seen.at(-1)?.length)
        seen.push({ length, atMs: performance.now() - startedAt, status });
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
    Object.assign(window, { seen });
  });
}

export function watched(page: Page): Promise<{ length: number; atMs: number; status: string }[]> {
  return page.evaluate(() => Reflect.get(window, 'seen'));
}
