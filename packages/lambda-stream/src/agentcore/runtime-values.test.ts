import { describe, expect, it } from 'vitest';
import { readRuntimeValues } from './runtime-values';

async function read(body: string, contentType = 'text/event-stream'): Promise<unknown[]> {
  const bytes = (async function* () {
    yield new TextEncoder().encode(body);
  })();
  const values: unknown[] = [];
  for await (const value of readRuntimeValues(bytes, contentType)) values.push(value);
  return values;
}

const events = (...data: string[]): string => data.map((line) => `data: ${line}\n\n`).join('');

describe('readRuntimeValues()', () => {
  it('keeps the words of a text that JSON would read as values', async () => {
    const words = ['In ', '2024', ' it was ', 'true', '.', 'null', 'false', '-1.50'];
    expect(await read(events(...words))).toEqual(words);
    expect(await read('42', 'application/json')).toEqual(['42']);
  });

  it('reads objects, arrays and quoted strings as JSON', async () => {
    expect(await read(events('{"a":1}', ' ["b"]', '"c"'))).toEqual([{ a: 1 }, ['b'], 'c']);
    expect(await read(events('{a', '[', '"'))).toEqual(['{a', '[', '"']);
  });

  it('reads null as nothing where it is no word of a text', async () => {
    expect(await read(events('null', '"a"', 'null', '{"b":1}'))).toEqual([
      null,
      'a',
      null,
      { b: 1 },
    ]);
    expect(await read(events('5', 'null', 'true', 'null'))).toEqual(['5', null, 'true', null]);
    expect(await read(events('"a"', 'b', 'null'))).toEqual(['a', 'b', 'null']);
    expect(await read(' null\n', 'application/json')).toEqual([null]);
    expect(await read('null', 'text/plain')).toEqual(['null', '']);
  });

  it('drops [DONE] at the end only', async () => {
    expect(await read(events('{"text":"Hello"}', '[DONE]'))).toEqual([{ text: 'Hello' }]);
    expect(await read(events('a', '[DONE]', 'b', '[DONE]'))).toEqual(['a', '[DONE]', 'b']);
  });

  it.each([
    ['boom', 'boom'],
    ['', 'error'],
    ['null', 'error'],
  ])('makes a failure of an event named error with %j', async (data, error) => {
    expect(await read(`event: error\ndata: ${data}\n\n`)).toEqual([{ error }]);
  });
});
