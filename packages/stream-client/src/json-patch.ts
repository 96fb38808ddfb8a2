import type { JsonPatch, JsonPatchOperation } from '@magi/stream-protocol';

/** An operation with the fields of all of them. */
interface Operation {
  readonly op: JsonPatchOperation['op'];
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/**
 * Applies a patch and returns the new document; the old one is untouched and shares what did not change.
 *
 * @throws TypeError when an operation names a place that is not there, or a `test` fails.
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function applyPatch(document: unknown, patch: JsonPatch): unknown {
  const valueAt = (pointer: string) => {
    const value = keysOf(pointer).reduce(memberOf, document);
    if (value === undefined) throw failure(pointer);
    return value;
  };
  for (const { op, path, from, value } of patch as readonly Operation[]) {
    const operand = from === undefined ? value : valueAt(from);
    if (op === 'test') {
      if (!isEqual(valueAt(path), value)) throw failure(path);
      continue;
    }
    if (op === 'move') document = edit(document, keysOf(from ?? ''), 'remove', undefined);
    document = edit(document, keysOf(path), op, operand);
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

function failure(place: string): TypeError {
  return new TypeError(`State patch failed at "${place}"`);
}

/** The member with the key; undefined, which JSON has not, when there is none. `hasOwn` keeps a pointer away from prototypes. */
function memberOf(parent: unknown, key: string): unknown {
  const isContainer = typeof parent === 'object' && parent !== null && Object.hasOwn(parent, key);
  return isContainer ? (parent as Record<string, unknown>)[key] : undefined;
}

/** Returns what stands in the place of `old` afterwards, undefined for nothing. Copies the containers on the way to the place. */
function edit(
  old: unknown,
  [key, ...rest]: string[],
  op: Operation['op'],
  value: unknown,
): unknown {
  const isInsertion = op !== 'remove' && op !== 'replace';
  if (key === undefined) {
    if (old === undefined && !isInsertion) throw failure(op);
    return value;
  }
  if (typeof old !== 'object' || old === null) throw failure(key);
  const member = edit(memberOf(old, key), rest, op, value);
  if (Array.isArray(old)) {
    const index = key === '-' ? old.length : Number(key);
    if (!/^(-|0|[1-9]\d*)$/.test(key) || index > old.length) throw failure(key);
    const copy = [...old];
    const replaced = isInsertion && !rest.length ? 0 : 1;
    copy.splice(index, replaced, ...(member === undefined ? [] : [member]));
    return copy;
  }
  // A computed key in a literal makes an own property even of `__proto__`.
  const copy: Record<string, unknown> = { ...old, [key]: member };
  if (member === undefined) delete copy[key];
  return copy;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  return (
    Array.isArray(a) === Array.isArray(b) &&
    Object.keys({ ...a, ...b }).every((key) => isEqual(memberOf(a, key), memberOf(b, key)))
  );
}
