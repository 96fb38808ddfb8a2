import { describe, expect, it } from 'vitest';
import { splitBlocks } from './markdown-blocks';

const answer = `Intro with **strong**.

> quoted
>
> - a list in the quote

1. one

   more of one

2. two
after two

\`\`\`ts
const a = 1;

const b = 2;
\`\`\`
| a | b |
|---|---|
| 1 | 2 |

# Heading
The end.
`;

describe('splitBlocks', () => {
  it('keeps lists, fences, quotes and tables whole', () => {
    expect(splitBlocks(answer)).toEqual([
      'Intro with **strong**.',
      '> quoted\n>\n> - a list in the quote',
      '1. one\n\n   more of one\n\n2. two\nafter two',
      '```ts\nconst a = 1;\n\nconst b = 2;\n```\n| a | b |\n|---|---|\n| 1 | 2 |',
      '# Heading\nThe end.',
    ]);
  });

  it('never changes a block before the last one when text is appended, save for half a list number', () => {
    let before: string[] = [];
    for (let end = 1; end <= answer.length; end++) {
      const blocks = splitBlocks(answer.slice(0, end));
      if (/^\s*\d+$/.test(blocks.at(-1) ?? '')) continue;
      for (const [at, block] of before.slice(0, -1).entries()) expect(blocks[at]).toBe(block);
      before = blocks;
    }
  });

  it('keeps a fence that is still open in one block across blank lines', () => {
    expect(splitBlocks('a\n\n```js\n1\n\n2')).toEqual(['a', '```js\n1\n\n2']);
  });

  describe('with a long list', () => {
    const count = 500;
    const bullets = Array.from({ length: count }, (_, at) => `- **item ${at}**\n  - part of ${at}`);
    const numbers = Array.from(
      { length: count },
      (_, at) => `${at + 7}. item ${at}\n\n   more of it`,
    );

    it.each([
      ['bullets', bullets.join('\n')],
      ['numbers', numbers.join('\n\n')],
    ])('cuts it between items: %s', (_, list) => {
      const blocks = splitBlocks(list);
      expect(Math.max(...blocks.map(({ length }) => length))).toBeLessThan(1_600);
      expect(blocks.length).toBeGreaterThan(8);
      for (const block of blocks) expect(block).toMatch(/^(?:- \*\*|\d+\. )item \d+/);
      expect(blocks.join('\n').replace(/\n+/g, '\n')).toBe(list.replace(/\n+/g, '\n'));
    });

    it('leaves numbers that do not count up to the parser', () => {
      expect(splitBlocks(numbers.map((each) => each.replace(/^\d+/, '1')).join('\n'))).toHaveLength(
        1,
      );
    });

    it('never cuts inside a fence', () => {
      const code = `- code:\n\n  \`\`\`\n${'- no item\n'.repeat(count)}  \`\`\`\n- next`;
      expect(splitBlocks(code)).toHaveLength(2);
    });

    it('never changes a block before the last one when text is appended', () => {
      const list = bullets.slice(0, 120).join('\n');
      let before: string[] = [];
      for (let end = 1; end <= list.length; end++) {
        const blocks = splitBlocks(list.slice(0, end));
        for (const [at, block] of before.slice(0, -1).entries()) expect(blocks[at]).toBe(block);
        before = blocks;
      }
      expect(before.length).toBeGreaterThan(2);
    });
  });
});
