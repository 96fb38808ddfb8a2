import { expect, it } from 'vitest';
import { firstSentence } from './quote';

const passageOf = (markdown: string) => {
  const blocks = [{ kind: 'paragraph', markdown } as const];
  return { blocks } as unknown as Parameters<typeof firstSentence>[0];
};

it.each([
  ['1. **One open vocabulary. It is** the wire.', '**One open vocabulary.**'],
  ['**One** vocabulary is enough. More is not.', '**One** vocabulary is enough.'],
  ['Too short. Longer than that it is.', ''],
])('firstSentence() of %j closes what it opens', (markdown, sentence) => {
  expect(firstSentence(passageOf(markdown))).toBe(sentence);
});
