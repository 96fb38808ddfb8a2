import { describe, expect, it } from 'vitest';
import { hasTooManyMarks } from './emphasis-marks';

describe('hasTooManyMarks', () => {
  it.each([
    ['strong words in one another', `${'*'.repeat(8_000)}a${'*'.repeat(8_000)}`],
    ['strong words side by side', '*a_ '.repeat(600)],
    ['strong words on many lines', 'b **a\n'.repeat(600)],
    ['half strokes', 'a~ '.repeat(1_200)],
    ['strong words in a quote', `> ${'**a '.repeat(600)}`],
    ['strong words behind code', `\`\`\`\n\`\`\`\n${'**a '.repeat(600)}`],
  ])('refuses %s', (_, block) => expect(hasTooManyMarks(block)).toBe(true));

  it.each([
    ['a row of stars', '*'.repeat(5_000)],
    ['a rule with spaces', '* '.repeat(2_000)],
    ['a long list of strong words', '- **a**\n'.repeat(1_000)],
    ['a table of strong words', '| **a** | **b** |\n'.repeat(1_000)],
    ['code', `\`\`\`\n${'snake_case ** 2\n'.repeat(1_000)}\`\`\``],
    ['many paragraphs', `${'**a** '.repeat(200)}\n\n${'**a** '.repeat(200)}`],
  ])('takes %s', (_, block) => expect(hasTooManyMarks(block)).toBe(false));
});
