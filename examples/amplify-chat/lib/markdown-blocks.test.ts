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
});
