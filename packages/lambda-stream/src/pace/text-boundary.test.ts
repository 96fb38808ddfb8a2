import { describe, expect, it } from 'vitest';
import { continuesGrapheme, cutLength, settledLength } from './text-boundary';

describe('cutLength()', () => {
  const cut = (text: string, length: number, least?: number) =>
    text.slice(0, cutLength(text, length, least));

  it.each([
    ['The quick brown fox', 6, 'The '],
    ['The quick brown fox', 8, 'The quick'],
    ['経営的な観点から見て妥当', 5, '経営的な観点'],
    ['経営的な観点から見て妥当', 7, '経営的な観点から'],
    ['👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 3, '👨‍👩‍👧‍👦'],
    ['か\u3099き\u3099く\u3099', 3, 'か\u3099き\u3099'],
    ['🇯🇵🇺🇸🇫🇷', 7, '🇯🇵🇺🇸'],
    ['abc', 9, 'abc'],
  ])('cuts "%s" near %i', (text, length, expected) => {
    expect(cut(text, length)).toBe(expected);
  });

  it('cuts inside a word that is too long', () => {
    expect(cut('a'.repeat(100), 10)).toBe('a'.repeat(10));
  });

  it('never cuts before what must be out', () => {
    expect(cut('The quick brown fox', 6, 6)).toBe('The quick');
  });
});

describe('settledLength()', () => {
  const settled = (text: string, cautious: boolean) => text.slice(0, settledLength(text, cautious));

  it.each([
    ['text', false, 'text'],
    ['text', true, 'tex'],
    ['A sentence. ', true, 'A sentence. '],
    ['一文。', true, '一文。'],
    ['か', false, 'か'],
    ['か', true, ''],
    ['a\ud83d', false, ''],
    ['ab\ud83d', false, 'a'],
    ['ok 👍', false, 'ok '],
    ['❤\ufe0f', false, ''],
    ['🇯🇵🇺', false, '🇯🇵'],
    ['👨\u200d', false, ''],
  ])('of "%s" (cautious: %s) keeps "%s"', (text, cautious, expected) => {
    expect(settled(text, cautious)).toBe(expected);
  });
});

describe('continuesGrapheme()', () => {
  it.each([
    ['\u3099た', true],
    ['\u0301', true],
    ['\u{e0100}飾', true],
    ['が', false],
    ['text', false],
    ['12', false],
    ['👍', false],
  ])('of "%s" is %s', (delta, expected) => {
    expect(continuesGrapheme(delta)).toBe(expected);
  });
});
