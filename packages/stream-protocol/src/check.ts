import { EventParseError } from './event-parse-error';
import type { ParseAgentEventOptions } from './parse-event';

/** What a line of the table says of an object. */
interface Shape {
  name: string;
  /** The kinds of the fields, by their names. */
  required: Map<string, string>;
  optional: Map<string, string>;
  discriminator: string;
  /** The members of a union, by the value of their `discriminator`. */
  members: Map<string, Shape>;
  /** The member that the last value was: most events are like the one before, and comparing costs less than hashing. */
  last: Shape | undefined;
}

/** `path` leads to the value from the event; it is empty for the event itself, as is `eventType` until it is known. */
export type Check = (
  kind: string,
  value: unknown,
  path: string,
  options: ParseAgentEventOptions | undefined,
  eventType: string,
) => unknown;

const primitives: Record<string, [expected: string, test: (value: unknown) => boolean]> = {
  any: ['anything', () => true],
  notNull: ['anything but null', (value) => value !== null],
  string: ['a string', (value) => typeof value === 'string'],
  boolean: ['a boolean', (value) => typeof value === 'boolean'],
  integer: ['a safe integer', Number.isSafeInteger],
  count: [
    'a safe integer of at least 0',
    (value) => Number.isSafeInteger(value) && Number(value) >= 0,
  ],
  '{}': ['an object', isObject],
  // https://www.rfc-editor.org/rfc/rfc6901#section-3
  pointer: [
    'a JSON Pointer',
    (value) => typeof value === 'string' && /^(\/([^~]|~[01])*)?$/.test(value),
  ],
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail(eventType: string, field: string, expected: string): never {
  throw new EventParseError({ eventType, field, expected });
}

function report(
  options: ParseAgentEventOptions | undefined,
  eventType: string,
  field: string,
): undefined {
  options?.onUnknown?.(field ? { kind: 'field', eventType, field } : { kind: 'event', eventType });
}

/**
 * Creates the check of all that a table describes. It returns the value, a copy of it without unknown members of unions, or
 * `undefined` when it is such a member itself.
 */
export function createCheck(table: string): Check {
  const shapes = readShapes(table);

  const checkArray: Check = (kind, value, path, options, eventType) => {
    const [item = '', rest] = kind.split('[');
    if (rest === ']|string' && typeof value === 'string') return value;
    if (!Array.isArray(value)) return fail(eventType, path, 'an array');
    if (rest === '+]' && value.length === 0) fail(eventType, path, 'an array that is not empty');
    const items = value.map((each, index) =>
      check(item, each, `${path}[${index}]`, options, eventType),
    );
    return items.every((each, index) => each === value[index])
      ? value
      : items.filter((each) => each !== undefined);
  };

  const checkPlain: Check = (kind, value, path, options, eventType) => {
    const primitive = primitives[kind];
    if (primitive) return primitive[1](value) ? value : fail(eventType, path, primitive[0]);
    if (!kind.startsWith('"')) return checkArray(kind, value, path, options, eventType);
    const literals = kind.split('|');
    const isOneOf = typeof value === 'string' && literals.includes(`"${value}"`);
    return isOneOf ? value : fail(eventType, path, literals.join(' or '));
  };

  const check: Check = (kind, value, path, options, eventType) => {
    let shape = shapes.get(kind);
    if (!shape) return checkPlain(kind, value, path, options, eventType);
    if (!isObject(value)) return fail(eventType, path, 'an object');
    const prefix = path && `${path}.`;
    if (shape.members.size > 0) {
      const tag = value[shape.discriminator];
      if (typeof tag !== 'string') return fail(eventType, prefix + shape.discriminator, 'a string');
      eventType ||= tag;
      const member: Shape | undefined =
        shape.last?.name === tag ? shape.last : shape.members.get(tag);
      if (!member) return report(options, eventType, path);
      shape.last = member;
      shape = member;
    }

    const { required, optional } = shape;
    let missing = required.size;
    let result = value;
    for (const name in value) {
      const field = value[name];
      if (field === undefined) continue;
      let fieldKind = required.get(name);
      if (fieldKind) missing--;
      else fieldKind = optional.get(name) ?? optional.get('*');
      if (!fieldKind) {
        report(options, eventType, prefix + name);
        continue;
      }
      // Most fields are strings, and a path is needed only where something is wrong.
      if (fieldKind === 'string' && typeof field === 'string') continue;
      const checked = check(fieldKind, field, prefix + name, options, eventType);
      if (checked === field) continue;
      if (checked === undefined && required.has(name)) return undefined;
      result = { ...result, [name]: checked };
      if (checked === undefined) delete result[name];
    }
    if (missing > 0) {
      for (const name of required.keys()) {
        if (value[name] === undefined) fail(eventType, prefix + name, 'present');
      }
    }
    return result;
  };

  return check;
}

function readShapes(table: string): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  let shared: string[] = [];
  let union = shapeOf('', shared);
  for (const line of table.split('\n')) {
    const [name = '', ...words] = line.split(' ');
    const tags = name.replace('-', '');
    if (name === tags) {
      shared = words;
      union = shapeOf(name, words);
      shapes.set(name, union);
    } else {
      for (const tag of tags.split('|')) {
        union.members.set(tag, shapeOf(tag, [...shared, ...words]));
      }
    }
  }
  return shapes;
}

function shapeOf(name: string, words: string[]): Shape {
  const required = new Map<string, string>();
  const optional = new Map<string, string>();
  for (const word of words) {
    const [key = '', kind = 'string'] = word.split(':');
    const field = key.replace('?', '');
    (field === key ? required : optional).set(field, kind);
  }
  return {
    name,
    required,
    optional,
    discriminator: words[0] ?? '',
    members: new Map(),
    last: undefined,
  };
}
