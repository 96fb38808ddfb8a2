import { EventParseError } from './event-parse-error';
import type { ParseAgentEventOptions } from './parse-event';

/** What a line of the table says of an object. */
interface Shape {
  name: string;
  fields: Map<string, Field>;
  required: string[];
  discriminator: string;
  /** The members of a union, by the value of their `discriminator`. */
  members: Map<string, Shape>;
  /** The member that the last value was: most events are like the one before, and comparing costs less than hashing. */
  last: Shape | undefined;
}

interface Field {
  kind: string;
  /** The check of its kind, from the first time that it was needed. */
  check: Check | undefined;
}

/** `path` leads to the value from where the check began; it is empty there, as is `eventType` until it is known. */
export type Check = (
  value: unknown,
  path: string,
  options: ParseAgentEventOptions | undefined,
  eventType: string,
) => unknown;

type Primitive = [expected: string, test: (value: unknown) => boolean];

const primitives: Record<string, Primitive> = {
  notNull: ['anything but null', (value) => value !== null],
  string: ['a string', (value) => typeof value === 'string'],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  integer: ['a safe integer', Number.isSafeInteger],
  count: [
    'a safe integer of at least 0',
    (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  ],
  '{}': ['an object', isObject],
  // https://www.rfc-editor.org/rfc/rfc6901#section-3
  pointer: [
    'a JSON Pointer',
    (value) => typeof value === 'string' && /^(\/([^~]|~[01])*)?$/.test(value),
  ],
};

function literals(kind: string): Primitive {
  const texts = kind.split('|');
  return [texts.join(' or '), (value) => typeof value === 'string' && texts.includes(`"${value}"`)];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(eventType: string, field: string, expected: string): never {
  throw new EventParseError({ eventType, field, expected });
}

/**
 * Creates the checks of what a table describes, by kind. A check returns the value, a copy of it without unknown members of
 * unions, or `undefined` when it is such a member itself.
 */
export function createChecks(table: string): (kind: string) => Check {
  const checkOf = (kind: string): Check => {
    const check = checks.get(kind);
    if (check) return check;
    if (kind.includes('[')) return checkOfArray(kind);
    const [expected, test] = primitives[kind] ?? literals(kind);
    return (value, path, _options, eventType) =>
      test(value) ? value : fail(eventType, path, expected);
  };

  const checkOfArray = (kind: string): Check => {
    const [item = '', rest] = kind.split('[');
    const checkItem = checkOf(item);
    return (value, path, options, eventType) => {
      if (rest === ']|string' && typeof value === 'string') return value;
      if (!Array.isArray(value)) return fail(eventType, path, 'an array');
      if (rest === '+]' && value.length === 0) fail(eventType, path, 'an array that is not empty');
      const items: unknown[] = [];
      let result: unknown[] = value;
      for (let index = 0; index < value.length; index++) {
        const checked = checkItem(value[index], `${path}[${index}]`, options, eventType);
        if (checked !== value[index]) result = items;
        if (checked !== undefined) items.push(checked);
      }
      return result;
    };
  };

  const checkOfShape =
    (union: Shape): Check =>
    (value, path, options, eventType) => {
      if (!isObject(value)) return fail(eventType, path, 'an object');
      let shape: Shape | undefined = union;
      const prefix = path && `${path}.`;
      if (union.members.size > 0) {
        const tag = value[union.discriminator];
        if (typeof tag !== 'string')
          return fail(eventType, prefix + union.discriminator, 'a string');
        eventType ||= tag;
        shape = union.last?.name === tag ? union.last : union.members.get(tag);
        if (!shape) {
          options?.onUnknown?.(
            path ? { kind: 'member', eventType, field: path } : { kind: 'event', eventType },
          );
          return undefined;
        }
        union.last = shape;
      }

      const { fields, required } = shape;
      for (const name of required) {
        if (value[name] === undefined) fail(eventType, prefix + name, 'present');
      }
      let result = value;
      for (const name in value) {
        const inside = value[name];
        if (inside === undefined) continue;
        const field = fields.get(name) ?? fields.get('*');
        if (!field) {
          options?.onUnknown?.({ kind: 'field', eventType, field: prefix + name });
          continue;
        }
        // Most fields are strings, and a path is needed only where something is wrong.
        if (field.kind === 'any' || typeof inside === field.kind) continue;
        field.check ??= checkOf(field.kind);
        const checked = field.check(inside, prefix + name, options, eventType);
        if (checked === undefined && required.includes(name)) return undefined;
        if (checked !== inside) result = { ...result, [name]: checked };
        if (checked === undefined) delete result[name];
      }
      return result;
    };

  const checks = new Map(readShapes(table).map((shape) => [shape.name, checkOfShape(shape)]));
  return checkOf;
}

/** The members of unions are in their unions. */
function readShapes(table: string): Shape[] {
  const shapes: Shape[] = [];
  let shared: string[] = [];
  let union: Shape | undefined;
  for (const line of table.split('\n')) {
    const [name = '', ...words] = line.split(' ');
    const tags = name.replace('-', '');
    if (name === tags) {
      shared = words;
      union = shapeOf(name, words);
      shapes.push(union);
    } else {
      for (const tag of tags.split('|')) {
        union?.members.set(tag, shapeOf(tag, [...shared, ...words]));
      }
    }
  }
  return shapes;
}

function shapeOf(name: string, words: string[]): Shape {
  const fields = new Map<string, Field>();
  const required: string[] = [];
  for (const word of words) {
    const [key = '', kind = 'string'] = word.split(':');
    const field = key.replace('?', '');
    if (field === key) required.push(field);
    fields.set(field, { kind, check: undefined });
  }
  return {
    name,
    fields,
    required,
    discriminator: words[0] ?? '',
    members: new Map(),
    last: undefined,
  };
}
