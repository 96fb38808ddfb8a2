import type { Citation } from '@magi/stream-protocol';
import { describe, expect, it } from 'vitest';
import { markBlocks, numberSources } from './citation-marks';
import { splitBlocks } from './markdown-blocks';

const cite = (text: string, part: string, uri: string): Citation => {
  const start = text.indexOf(part);
  return {
    messageId: 'm',
    id: `${uri}-${start}`,
    span: { start, end: start + part.length },
    uri,
    quote: part,
  };
};

function marked(text: string, ...citations: Citation[]): string[] {
  return markBlocks(text, splitBlocks(text), numberSources(citations));
}

describe('markBlocks', () => {
  it('puts a mark behind the cited part', () => {
    const text = 'One is true. Two is not.\n\nMore.';
    expect(marked(text, cite(text, 'One is true.', 'a'))).toEqual([
      'One is true. [1](#source-1) Two is not.',
      'More.',
    ]);
  });

  it('keeps one number for a passage that is cited twice', () => {
    const text = 'same\n\nother';
    const first = cite(text, 'same', 'a');
    expect(numberSources([first, { ...first, id: 'again' }])).toHaveLength(1);
  });

  it('puts the mark of a quoted table on a line of its own inside the quote', () => {
    const text = '> | a |\n> |---|\n> | 1 |\n\nend';
    expect(marked(text, cite(text, '> | a |\n> |---|\n> | 1 |', 'a'))[0]).toBe(
      '> | a |\n> |---|\n> | 1 |\n>\n> [1](#source-1)',
    );
  });

  it('never writes into a fence', () => {
    const text = '```\ncode\n```';
    expect(marked(text, cite(text, 'code', 'a'))[0]).toBe('```\ncode\n```\n\n[1](#source-1)');
  });

  it('writes nothing for a citation that names no part', () => {
    const { span: _, ...citation } = cite('text', 'text', 'a');
    expect(marked('text', citation)).toEqual(['text']);
  });
});
