import type { JsonPatch } from '@magi/stream-protocol';

/**
 * Applies a patch and returns the new document; the old one is untouched and shares what did not change.
 *
 * @throws TypeError when an operation names a place that is not there, or a `test` fails.
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function applyPatch(document: unknown, patch: JsonPatch): unknown {
  for (const operation of patch) {
    const { op } = operation;
    const path = keysOf(operation.path);
    const value =
      'from' in operation
        ? valueAt(document, keysOf(operation.from))
        : 'value' in operation
          ? operation.value
          : undefined;
    if (op === 'test') {
      if (!isEqual(valueAt(document, path), value)) throw missing(path);
      continue;
    }
    if (op === 'move') document = edit(document, keysOf(operation.from), 'remove', undefined);
    document = edit(document, path, op === 'remove' || op === 'replace' ? op : 'add', value);
  }
  return document;
}

/** "transforming any occurrence of the sequence '~1' to '/', and then […] '~0' to '~'" (RFC 6901 §4). */
function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function missing(path: string[]): TypeError {
  return new TypeError(`Applying a state patch failed at "/${path.join('/')}"`);
}

function valueAt(document: unknown, path: string[]): unknown {
  return path.reduce((value: unknown, key) => {
    // `hasOwn` keeps a pointer away from prototypes.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) {
      throw missing(path);
    }
    return (value as Record<string, unknown>)[key];
  }, document);
}

/** Copies the containers on the way to the place, and edits the last. */
function edit(
  document: unknown,
  path: string[],
  op: 'add' | 'remove' | 'replace',
  value: unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const last = rest.length === 0;
  if (!last || op !== 'add') valueAt(document, [key]);
  if (Array.isArray(document)) {
    const index = key === '-' ? document.length : Number(key);
    if (!/^(-|0|[1-9]\d*)$/.test(key) || index > document.length) throw missing(path);
    const copy = [...document];
    if (!last) copy[index] = edit(copy[index], rest, op, value);
    else if (op === 'remove') copy.splice(index, 1);
    else copy.splice(index, op === 'add' ? 0 : 1, value);
    return copy;
  }
  if (typeof document !== 'object' || document === null) throw missing(path);
  const copy: Record<string, unknown> = { ...document };
  if (last && op === 'remove') {
    delete copy[key];
    return copy;
  }
  // A computed key in a literal makes an own property even of `__proto__`.
  return { ...copy, [key]: last ? value : edit(copy[key], rest, op, value) };
}

function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const keys = Object.keys(a);
  return (
    Array.isArray(a) === Array.isArray(b) &&
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) =>
        Object.hasOwn(b, key) &&
        isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
