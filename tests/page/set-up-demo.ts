import type { Browser, BrowserContextOptions } from 'playwright';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchChromium, openPage } from './open-page';
import { type Demo, startDemo } from './start-demo';

/** Gives the tests of a block one demo and one browser. A page that `open` opened is closed after its test. */
export function setUpDemo(env: Record<string, string> = {}) {
  let demo: Demo;
  let browser: Browser;
  let close: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    // Builds the page when it has not been built yet, which a busy machine takes minutes for.
    demo = await startDemo(env);
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

  return {
    demo: () => demo,
    async open(path = '/chat', options?: BrowserContextOptions) {
      const opened = await openPage(browser, new URL(path, demo.pageUrl).href, options);
      close = opened.close;
      return opened;
    },
  };
}
