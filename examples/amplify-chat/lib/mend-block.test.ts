import { describe, expect, it } from 'vitest';
import { mendBlock } from './mend-block';

describe('mendBlock', () => {
  it.each([
    ['strong that is still open', 'a **bol', 'a **bol**'],
    ['a mark that has only opened', 'a **', 'a '],
    ['strong whose closing mark is half written', 'a **bold*', 'a **bold**'],
    ['code that is still open', 'use `npm', 'use `npm`'],
    ['a link whose address is arriving', 'see [the guide](https://exa', 'see the guide'],
    ['a link whose text is arriving', 'see [the gu', 'see the gu'],
    ['a lonely hyphen that would make a heading', 'text\n-', 'text'],
    ['a lonely list number', 'text\n1.', 'text'],
    ['a fence of which two marks have arrived', '``', ''],
    ['the closing fence half written', '```js\n1\n``', '```js\n1'],
    ['a table without its delimiter row', 'Rows:\n| a | b |', 'Rows:'],
    ['a table whose delimiter row is half written', '| a | b |\n|---|', ''],
  ])('holds back or closes %s', (_, block, mended) => {
    expect(mendBlock(block)).toBe(mended);
  });

  it.each([
    'plain text',
    '**bold** and `code` and [link](https://example.com)',
    '```js\nconst a = `x',
    '| a | b |\n|---|---|\n| 1 |',
    '> quoted **text**',
  ])('leaves %j as it is', (block) => {
    expect(mendBlock(block)).toBe(block);
  });
});
