import { expect, it } from 'vitest';
import { readBrief, writeBrief } from './brief';

it('readBrief() reads what writeBrief() wrote, headings inside an opinion included', () => {
  const brief = {
    question: 'Which one?',
    opinions: [
      { name: 'caspar', text: 'Neither.\n\n> quoted\n>\n> more\n\n## Why\n\nBecause.' },
      { name: 'melchior', text: 'Both.' },
    ],
    silent: ['balthasar'],
  };
  expect(readBrief(writeBrief(brief))).toEqual(brief);
});
