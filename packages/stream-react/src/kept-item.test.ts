import { expect, test, vi } from 'vitest';
import { createKeptItem } from './kept-item';

/** A storage whose writes are done when the test says so. */
function createSlowStorage() {
  const writes: { readonly text: string; settle(error?: Error): Promise<void> }[] = [];
  let stored: string | undefined;
  return {
    writes,
    getItem: () => stored,
    setItem: (_key: string, text: string) =>
      new Promise<void>((resolve, reject) => {
        const settle = async (error?: Error) => {
          if (error) return reject(error);
          stored = text;
          resolve();
        };
        writes.push({ text, settle });
      }),
    removeItem: () => {
      stored = undefined;
    },
  };
}

test('a write waits for the one before it, and the newest stands for all that wait', async () => {
  const storage = createSlowStorage();
  const item = createKeptItem(storage, 'k', vi.fn());
  const done = vi.fn();
  for (const text of ['1', '2', '3']) item.write(() => text, done);
  expect(storage.writes.map(({ text }) => text)).toEqual(['1']);
  await storage.writes[0]?.settle();
  await vi.waitFor(() => expect(storage.writes.map(({ text }) => text)).toEqual(['1', '3']), {
    timeout: 15_000,
  });
  const read = item.read();
  await storage.writes[1]?.settle();
  expect(await read).toBe('3');
  expect(done.mock.calls).toEqual([['1'], ['3']]);
  item.write(() => undefined, done);
  expect(item.read()).toBeUndefined();
});

test('a write that fails is reported, and the next one is written', async () => {
  const storage = createSlowStorage();
  const onError = vi.fn();
  const item = createKeptItem(storage, 'k', onError);
  item.write(() => '1', vi.fn());
  item.write(() => '2', vi.fn());
  await storage.writes[0]?.settle(new Error('full'));
  await vi.waitFor(() => expect(storage.writes).toHaveLength(2), { timeout: 15_000 });
  await storage.writes[1]?.settle();
  expect(await item.read()).toBe('2');
  expect(onError).toHaveBeenCalledOnce();
});

test('a storage that answers at once is written at once', () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key),
    setItem: (key: string, text: string) => items.set(key, text).size,
    removeItem: (key: string) => items.delete(key),
  };
  const item = createKeptItem(storage, 'k', vi.fn());
  item.write(() => '1', vi.fn());
  item.write(() => '2', vi.fn());
  expect(items.get('k')).toBe('2');
  expect(item.writing).toBeUndefined();
});
