import { describe, expect, it } from 'vitest';
import { isTooDeep } from './block-depth';

describe('isTooDeep', () => {
  it.each([
    ['quotes', '>'.repeat(21)],
    ['quotes with spaces', '> '.repeat(21)],
    ['lists', `text\n${'- '.repeat(21)}a`],
    ['quotes and numbered lists', `${'> 1. '.repeat(11)}a`],
  ])('refuses %s', (_, block) => expect(isTooDeep(block)).toBe(true));

  it.each([
    ['a quote of a quote', '> > a\n> >\n> > b'],
    ['a rule', '-'.repeat(200)],
    ['a row of stars', '*'.repeat(200)],
    ['a long list', '- a\n'.repeat(200)],
    ['an indented list', `${' '.repeat(60)}- a`],
    ['a delimiter row', `|${'---|'.repeat(60)}`],
  ])('takes %s', (_, block) => expect(isTooDeep(block)).toBe(false));

  it('stays quick on a long line that comes close', () => {
    const startedAt = performance.now();
    expect(isTooDeep(`${' '.repeat(20_000)}x`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });
});
