import type { JsonPatch } from '@magi/stream-protocol';
import { describe, expect, test } from 'vitest';
import { applyPatch } from './json-patch';

// RFC 6902, appendix A.
const cases: [name: string, document: unknown, patch: JsonPatch, expected: unknown][] = [
  [
    'A.1 add a member',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux' }],
    { baz: 'qux', foo: 'bar' },
  ],
  [
    'A.2 add an element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  [
    'A.3 remove a member',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'remove', path: '/baz' }],
    { foo: 'bar' },
  ],
  [
    'A.4 remove an element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  [
    'A.5 replace',
    { baz: 'qux', foo: 'bar' },
    [{ op: 'replace', path: '/baz', value: 'boo' }],
    { baz: 'boo', foo: 'bar' },
  ],
  [
    'A.6 move a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7 move an element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8 test',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10 add a nested member',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'A.14 ~ escapes',
    { '/': 9, '~1': 10 },
    [{ op: 'test', path: '/~01', value: 10 }],
    { '/': 9, '~1': 10 },
  ],
  [
    'A.16 add an array value',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
    { foo: ['bar', ['abc', 'def']] },
  ],
  ['copy', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  ['the whole document', { a: 1 }, [{ op: 'replace', path: '', value: [1] }], [1]],
  ['an empty key', { '': 1 }, [{ op: 'replace', path: '/', value: 2 }], { '': 2 }],
  [
    'replace an element',
    { a: [1, 2, 3] },
    [{ op: 'replace', path: '/a/2', value: 4 }],
    { a: [1, 2, 4] },
  ],
];
test.each(cases)('%s', (_name, document, patch, expected) => {
  const before = structuredClone(document);
  expect(applyPatch(document, patch)).toEqual(expected);
  expect(document).toEqual(before);
});

describe('refuses', () => {
  const refused: [name: string, document: unknown, patch: JsonPatch][] = [
    ['A.9 a test that fails', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }]],
    [
      'A.12 an addition to nowhere',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz/bat', value: 'qux' }],
    ],
    [
      'A.15 a test of a number against a string',
      { '~1': 10 },
      [{ op: 'test', path: '/~01', value: '10' }],
    ],
    ['a removal of nothing', {}, [{ op: 'remove', path: '/a' }]],
    ['a replacement of nothing', {}, [{ op: 'replace', path: '/a', value: 1 }]],
    ['an index beyond the end', { a: [] }, [{ op: 'add', path: '/a/1', value: 1 }]],
    ['an index with a leading zero', { a: [1, 2] }, [{ op: 'add', path: '/a/01', value: 1 }]],
    ['a walk into a prototype', {}, [{ op: 'add', path: '/__proto__/polluted', value: 1 }]],
    ['a move from nowhere', {}, [{ op: 'move', from: '/a', path: '/b' }]],
  ];
  test.each(refused)('%s', (_name, document, patch) => {
    expect(() => applyPatch(document, patch)).toThrow(TypeError);
  });
});

test('"__proto__" becomes an own member, nothing more', () => {
  const result = applyPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: 1 } }]);
  expect(Object.hasOwn(result as object, '__proto__')).toBe(true);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('what did not change is shared with the document before', () => {
  const document = { a: { deep: 1 }, b: { deep: 2 } };
  const next = applyPatch(document, [
    { op: 'replace', path: '/a/deep', value: 9 },
  ]) as typeof document;
  expect(next.b).toBe(document.b);
  expect(next.a).not.toBe(document.a);
});
