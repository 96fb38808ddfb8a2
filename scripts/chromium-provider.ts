import { playwright } from '@vitest/browser-playwright';
import { chromiumArgs, findChromium } from './chromium.mjs';

/** The Chromium that the browser tests drive: the one `scripts/chromium.mjs` finds, or Playwright's own when it finds none. */
export function chromiumProvider(): ReturnType<typeof playwright> {
  const executablePath = findChromium();
  return playwright({
    launchOptions: {
      args: chromiumArgs,
      ...(executablePath === undefined ? {} : { executablePath }),
    },
  });
}
