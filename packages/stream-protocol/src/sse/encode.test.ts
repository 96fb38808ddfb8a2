import { describe, expect, it } from 'vitest';
import { encodeSseComment, encodeSseEvent } from './encode';

describe('encodeSseEvent', () => {
  it('writes one data line and a blank line', () => {
    expect(encodeSseEvent({ data: 'hello' })).toBe('data: hello\n\n');
  });

  it('writes event, id and retry before the data', () => {
    expect(encodeSseEvent({ data: 'x', event: 'token', id: '7', retry: 3000 })).toBe(
      'event: token\nid: 7\nretry: 3000\ndata: x\n\n',
    );
  });

  it('starts a data line at each kind of line break', () => {
    expect(encodeSseEvent({ data: 'a\nb\rc\r\nd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n');
  });

  it('writes empty data, an empty id and a leading space so that they survive', () => {
    expect(encodeSseEvent({ data: '', id: '' })).toBe('id: \ndata: \n\n');
    expect(encodeSseEvent({ data: ' x' })).toBe('data:  x\n\n');
  });

  it.each(['event', 'id'] as const)('refuses CR, LF and NUL in %s', (field) => {
    for (const character of ['\r', '\n', '\0']) {
      const value = `1${character}data: forged`;
      expect(() => encodeSseEvent({ data: 'x', [field]: value })).toThrow(
        new TypeError(`Cannot encode event: "${field}" must not contain CR, LF or NUL`),
      );
    }
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses retry %d', (retry) => {
    expect(() => encodeSseEvent({ data: 'x', retry })).toThrow(TypeError);
  });

  it('refuses values of another type', () => {
    expect(() => encodeSseEvent({ data: { a: 1 } as unknown as string })).toThrow(TypeError);
    expect(() => encodeSseEvent({ data: 'x', id: 7 as unknown as string })).toThrow(TypeError);
  });
});

describe('encodeSseComment', () => {
  it('writes a comment line and a blank line', () => {
    expect(encodeSseComment('keep-alive')).toBe(': keep-alive\n\n');
  });

  it('keeps a forged event inside the comment', () => {
    expect(encodeSseComment('a\r\ndata: forged\n\nb\r')).toBe(
      ': a\n: data: forged\n: \n: b\n: \n\n',
    );
  });

  it('refuses what is not a string', () => {
    expect(() => encodeSseComment(1 as unknown as string)).toThrow(TypeError);
  });
});
