import type { AgentEvent, Interrupt } from '@magi/stream-protocol';
import type { BrowserContextOptions, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { answerComplete, ask } from './open-page';
import { says, scriptAgent } from './script-agent';
import { setUpDemo } from './set-up-demo';

type Reply = Parameters<typeof scriptAgent>[2];

const wide = `Prose that a reader on a phone must be able to read without scrolling sideways.

\`\`\`ts
export const handler = streamHandler(({ input, signal }) => invokeAgent(client, { agentId }), { authorize });
\`\`\`

| a | b |
|---|---|
| ${'t'.repeat(300)} | y |

https://example.com/${'u'.repeat(300)}`;

describe('the chat page with a scripted agent', () => {
  const { demo, open: openInBrowser } = setUpDemo();
  let page: Page;
  let problems: string[];

  async function open(replies: Reply[], options?: BrowserContextOptions) {
    ({ page, problems } = await openInBrowser('/chat', options));
    return scriptAgent(page, demo().functionUrl, ...replies);
  }

  const overflow = () =>
    page.evaluate(() => {
      const scroller = document.querySelector('.scroller');
      return Math.max(
        document.documentElement.scrollWidth - window.innerWidth,
        (scroller?.scrollWidth ?? 0) - (scroller?.clientWidth ?? 0),
      );
    });
  const spoken = () => page.getByRole('status').textContent();
  const names = (role: 'button' | 'link') => page.locator('.messages').getByRole(role);

  it.each([
    [320, 'en-US'],
    [320, 'ja-JP'],
    [390, 'en-US'],
  ])('fits a wide answer into %i px (%s)', async (width, locale) => {
    await open([says(wide)], { viewport: { width, height: 640 }, locale });
    expect(await overflow()).toBeLessThanOrEqual(0);
    await ask(page, 'Q'.repeat(300));
    await answerComplete(page);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  it.each([
    ['quotes', '>'.repeat(5_000)],
    ['lists', `${'- '.repeat(2_000)}a`],
    ['quotes with lists', `${'> - '.repeat(1_000)}a`],
    ['strong words', `${'*'.repeat(8_000)}a${'*'.repeat(8_000)}`],
  ])('stays when an answer has thousands of %s in one another', async (_, text) => {
    await open([says('First.'), says(`Before.\n\n${text}\n\nAfter.`)]);
    await ask(page, 'one');
    await answerComplete(page);
    await ask(page, 'two');
    await page.locator('.prose').getByText('After.').waitFor({ timeout: 60_000 });
    await expect(page.locator('.prose').getByText('First.').count()).resolves.toBe(1);
    await expect(page.locator('pre.raw').getByText(text).count()).resolves.toBe(1);
  });

  it('draws a link without an address as text, and keeps a fragment in its tab', async () => {
    await open([
      says(
        '[bad](javascript:alert(1)) [near](#section) [far](https://example.com/) [^1]\n\n[^1]: n',
      ),
    ]);
    await ask(page, 'links');
    expect(await answerComplete(page)).toContain('bad near far');
    const links = await names('link').evaluateAll((all) =>
      all.slice(0, 2).map((link) => [link.textContent, link.getAttribute('target')]),
    );
    expect(links).toEqual([
      ['near', null],
      ['far', '_blank'],
    ]);
  });

  it('does not read the answer before for a run that is stopped before its first word', async () => {
    await open([says('The old answer.'), 'silence']);
    await ask(page, 'one');
    await page.getByRole('status').filter({ hasText: 'The old answer.' }).waitFor();
    await ask(page, 'two');
    await page.getByRole('status').filter({ hasText: 'The agent is answering.' }).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.send:not(.stop)').waitFor();
    expect(await spoken()).toBe('Stopped.');
    await expect(page.locator('.messages > li').allInnerTexts()).resolves.toEqual([
      expect.stringContaining('one'),
      expect.not.stringContaining('Ask again'),
      expect.stringContaining('two'),
      expect.stringContaining('Ask again'),
    ]);
  });

  it('leaves a run that fails before its first word to the alert', async () => {
    const failure: AgentEvent = { type: 'RUN_ERROR', message: 'Too many', code: 'THROTTLED' };
    await open([says('The old answer.'), [failure]]);
    await ask(page, 'one');
    await page.getByRole('status').filter({ hasText: 'The old answer.' }).waitFor();
    await ask(page, 'two');
    await page.getByRole('alert').filter({ hasText: 'THROTTLED' }).waitFor();
    expect(await spoken()).toBe('');
  });

  const transfer = (...interrupts: Pick<Interrupt, 'id' | 'message' | 'responseSchema'>[]) =>
    [
      ...says('I will do that.'),
      { type: 'TOOL_CALL_START', toolCallId: 'call-1', toolCallName: 'transfer' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'call-1', delta: '{"amount":12,"to":"Ada"}' },
      { type: 'TOOL_CALL_END', toolCallId: 'call-1' },
      {
        type: 'RUN_FINISHED',
        threadId: 'any',
        runId: 'any',
        outcome: {
          type: 'interrupt',
          interrupts: interrupts.map((each) => ({
            reason: 'confirmation',
            toolCallId: 'call-1',
            ...each,
          })),
        },
      },
    ] satisfies AgentEvent[];

  it('shows what the agent wants to do, and goes on when the reader approves', async () => {
    const inputs = await open([transfer({ id: 'i1', message: 'Allow it?' }), says('Done.')]);
    await ask(page, 'Pay Ada');
    const question = page.getByRole('group', { name: 'Allow it?' });
    await question.waitFor();
    expect(await question.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect(question.textContent()).resolves.toContain('transfer');
    await expect(question.locator('pre').textContent()).resolves.toContain('"amount": 12');
    await expect(names('button').filter({ hasText: 'Ask again' }).count()).resolves.toBe(0);
    expect(await spoken()).toBe('I will do that.');
    await page.keyboard.press('Enter');
    expect(inputs).toHaveLength(1);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Done.', { exact: true }).waitFor();
    expect(inputs[1]?.resume).toEqual([
      { interruptId: 'i1', status: 'resolved', payload: { approved: true } },
    ]);
    await expect(question.count()).resolves.toBe(0);
    expect(problems).toEqual([]);
  });

  it('asks one question after the other, takes a text, and declines in Japanese', async () => {
    const inputs = await open(
      [
        transfer(
          { id: 'i1', message: 'Which city?', responseSchema: { type: 'string' } },
          { id: 'i2', message: 'Allow it?' },
        ),
        says('Done.'),
      ],
      { locale: 'ja-JP' },
    );
    await ask(page, '旅行');
    const first = page.getByRole('group', { name: 'Which city?' });
    await first.getByLabel('回答').fill('京都');
    await first.getByRole('button', { name: '回答を送る' }).click();
    const second = page.getByRole('group', { name: 'Allow it?' });
    await second.waitFor();
    expect(await second.evaluate((element) => element === document.activeElement)).toBe(true);
    await second.getByRole('button', { name: '断る' }).click();
    await page.getByText('Done.', { exact: true }).waitFor();
    expect(inputs[1]?.resume).toEqual([
      { interruptId: 'i1', status: 'resolved', payload: '京都' },
      { interruptId: 'i2', status: 'cancelled' },
    ]);
  });

  it('asks for many values in a form, and for what has no field as JSON', async () => {
    const responseSchema = {
      type: 'object',
      properties: {
        city: { type: 'string', title: 'City' },
        nights: { type: 'integer', description: 'At most 30' },
        breakfast: { type: 'boolean' },
        board: { enum: ['half', 'full'] },
        guests: { type: 'array', items: { type: 'string' } },
      },
      required: ['city', 'nights', 'breakfast', 'guests'],
    };
    const inputs = await open([
      transfer({ id: 'i1', message: 'Where to?', responseSchema }),
      says('Done.'),
    ]);
    await ask(page, 'Book it');
    const form = page.getByRole('group', { name: 'Where to?' });
    await form.getByLabel('City').fill('Kyoto');
    const nights = form.getByLabel('nights');
    await nights.fill('2');
    const hint = await nights.getAttribute('aria-describedby');
    await expect(page.locator(`[id="${hint}"]`).textContent()).resolves.toBe('At most 30');
    await form.getByLabel('breakfast').selectOption('No');
    const guests = form.getByLabel('guests');
    await guests.fill('[Ada]');
    await form.getByRole('button', { name: 'Send the answer' }).click();
    await expect(
      guests.evaluate((element: HTMLTextAreaElement) => element.validationMessage),
    ).resolves.toContain('not valid JSON');
    expect(inputs).toHaveLength(1);
    await guests.fill('["Ada"]');
    await form.getByRole('button', { name: 'Send the answer' }).click();
    await page.getByText('Done.', { exact: true }).waitFor();
    expect(inputs[1]?.resume).toEqual([
      {
        interruptId: 'i1',
        status: 'resolved',
        payload: { city: 'Kyoto', nights: 2, breakfast: false, guests: ['Ada'] },
      },
    ]);
  });
});
