import { describe, test } from 'vitest';
import { cases } from './test/react-suite';

describe('in Chromium', () => {
  test.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run();
  });
});
