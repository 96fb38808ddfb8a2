import { describe, expect, it } from 'vitest';
import { countDrawable } from './draw-budget';

const block = (length: number) => 'a'.repeat(length);

describe('countDrawable', () => {
  it.each([
    ['nothing of nothing', [], 0, 0],
    ['all of a short text', [block(500), block(500)], 0, 2],
    ['as many more as the budget allows', [block(900), block(900), block(900)], 0, 2],
    ['the rest', [block(900), block(900), block(900)], 2, 3],
    ['one block that is longer than the budget', [block(9_000), block(1)], 0, 1],
    ['no more than there are', [block(1)], 7, 1],
  ])('draws %s', (_, blocks, drawn, count) => {
    expect(countDrawable(blocks, drawn)).toBe(count);
  });
});
