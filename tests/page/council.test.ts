import type { AgentEvent } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { ask } from './open-page';
import { says, scriptAgent } from './script-agent';
import { setUpDemo } from './set-up-demo';

describe('the council page', () => {
  const { demo, open } = setUpDemo();

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
    // Three texts that grow at once are read from their beginnings: the page does not run after their ends.
    expect(await page.locator('.scroller').evaluate((element) => element.scrollTop)).toBe(0);
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

  const of = (subagentRunId: string, events: AgentEvent[]): AgentEvent[] =>
    events.map((event) => ({ ...event, subagentRunId }));
  const begins = (name: string): AgentEvent => ({
    type: 'SUBAGENT_STARTED',
    subagentRunId: `${name}-1`,
    name,
  });

  it('shows what a sage asks back, and goes on with the same sitting', async () => {
    const { page, problems } = await open('/council');
    const inputs = await scriptAgent(
      page,
      demo().functionUrl,
      [
        begins('caspar'),
        begins('melchior'),
        ...of('caspar-1', says('I need a number.')),
        ...of('melchior-1', says('I am done.')),
        { type: 'SUBAGENT_FINISHED', subagentRunId: 'melchior-1' },
        {
          type: 'SUBAGENT_FINISHED',
          subagentRunId: 'caspar-1',
          outcome: { type: 'suspended', interruptIds: ['caspar-1/i'] },
        },
        {
          type: 'RUN_FINISHED',
          threadId: 'any',
          runId: 'any',
          outcome: {
            type: 'interrupt',
            interrupts: [
              {
                id: 'caspar-1/i',
                subagentRunId: 'caspar-1',
                reason: 'input',
                message: 'How many nights?',
                responseSchema: { type: 'integer', minimum: 1 },
              },
            ],
          },
        },
      ],
      [
        begins('caspar'),
        ...of('caspar-1', says('Two it is.')),
        { type: 'SUBAGENT_FINISHED', subagentRunId: 'caspar-1' },
        ...says('Judged.'),
      ],
    );
    await ask(page, 'Shall we go?');
    const question = page.getByRole('group', { name: 'CASPAR How many nights?' });
    await question.waitFor();
    expect(await question.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect(page.locator('.sage .state').allInnerTexts()).resolves.toEqual([
      'Paused',
      'Waiting',
      'Done',
    ]);
    await question.getByLabel('Your answer').fill('0');
    await page.keyboard.press('Enter');
    expect(inputs).toHaveLength(1);
    await question.getByLabel('Your answer').fill('2');
    await page.keyboard.press('Enter');
    await page.locator('.judge .prose', { hasText: 'Judged.' }).waitFor();
    expect(inputs[1]?.resume).toEqual([
      { interruptId: 'caspar-1/i', status: 'resolved', payload: 2 },
    ]);
    await expect(page.locator('.sage .prose').allInnerTexts()).resolves.toEqual([
      'Two it is.',
      'I am done.',
    ]);
    await expect(question.count()).resolves.toBe(0);
    expect(problems).toEqual([]);
  });
});
