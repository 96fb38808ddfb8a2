import { EventParseError } from './event-parse-error';

/** What a check needs to name the event it fails in, and to report what it does not know. */
export interface CheckContext {
  eventType: string;
  onUnknownField: ((path: string) => void) | undefined;
}

/** Returns the value, a copy of it without unknown members, or `unknownMember`; throws when it is malformed. */
export type Check = (value: unknown, path: string, context: CheckContext) => unknown;

/** The result for a member of a union that the protocol does not describe: newer than this code, so left out. */
export const unknownMember: unique symbol = Symbol('unknown member');

function fail({ eventType }: CheckContext, field: string, expected: string): never {
  throw new EventParseError({ eventType, field, expected });
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const string: Check = (value, path, context) =>
  typeof value === 'string' ? value : fail(context, path, 'a string');

export const anything: Check = (value) => value;

export const notNull: Check = (value, path, context) =>
  value === null ? fail(context, path, 'anything but null') : value;

export const boolean: Check = (value, path, context) =>
  typeof value === 'boolean' ? value : fail(context, path, 'a boolean');

export const integer: Check = (value, path, context) =>
  Number.isSafeInteger(value) ? value : fail(context, path, 'a safe integer');

export const count: Check = (value, path, context) =>
  Number.isSafeInteger(value) && Number(value) >= 0
    ? value
    : fail(context, path, 'a safe integer of at least 0');

export const openObject: Check = (value, path, context) =>
  isObject(value) ? value : fail(context, path, 'an object');

/** @see https://www.rfc-editor.org/rfc/rfc6901#section-3 */
export const jsonPointer: Check = (value, path, context) =>
  typeof value === 'string' && /^(\/|$)/.test(value) && !/~(?![01])/.test(value)
    ? value
    : fail(context, path, 'a JSON Pointer');

export function oneOf(...allowed: unknown[]): Check {
  return (value, path, context) =>
    allowed.includes(value) ? value : fail(context, path, `"${allowed.join('" or "')}"`);
}

export function stringOr(check: Check): Check {
  return (value, path, context) =>
    typeof value === 'string' ? value : check(value, path, context);
}

export function arrayOf(check: Check, minLength = 0): Check {
  return (value, path, context) => {
    if (!Array.isArray(value)) fail(context, path, 'an array');
    if (value.length < minLength) fail(context, path, 'an array that is not empty');
    const items = value.map((item, index) => check(item, `${path}[${index}]`, context));
    return items.every((item, index) => item === value[index])
      ? value
      : items.filter((item) => item !== unknownMember);
  };
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

/** Checks an object by its fields. A name that ends in `?` may be absent; an open object may have others. */
export function object(fields: Record<string, Check>, isOpen = false): Check {
  const rules = new Map<string, { check: Check; isRequired: boolean }>();
  let requiredCount = 0;
  for (const [name, check] of Object.entries(fields)) {
    const isRequired = !name.endsWith('?');
    rules.set(isRequired ? name : name.slice(0, -1), { check, isRequired });
    if (isRequired) requiredCount++;
  }

  return (value, path, context) => {
    if (!isObject(value)) fail(context, path, 'an object');
    let result = value;
    let missing = requiredCount;
    for (const name in value) {
      const field = value[name];
      if (field === undefined) continue;
      const rule = rules.get(name);
      if (rule === undefined) {
        if (!isOpen) context.onUnknownField?.(join(path, name));
        continue;
      }
      if (rule.isRequired) missing--;
      // Most fields are strings, and a path is needed only where something is wrong.
      if (rule.check === string && typeof field === 'string') continue;
      const checked = rule.check(field, join(path, name), context);
      if (checked === field) continue;
      if (checked === unknownMember && rule.isRequired) return unknownMember;
      if (result === value) result = { ...value };
      if (checked === unknownMember) delete result[name];
      else result[name] = checked;
    }
    if (missing > 0) {
      for (const [name, { isRequired }] of rules) {
        if (isRequired && value[name] === undefined) fail(context, join(path, name), 'present');
      }
    }
    return result;
  };
}

/** Checks an object by the member of the union that its `discriminator` names. */
export function union(discriminator: string, members: Record<string, Check>): Check {
  return (value, path, context) => {
    if (!isObject(value)) fail(context, path, 'an object');
    const name = value[discriminator];
    if (typeof name !== 'string') fail(context, join(path, discriminator), 'a string');
    const check = Object.hasOwn(members, name) ? members[name] : undefined;
    if (check !== undefined) return check(value, path, context);
    context.onUnknownField?.(path);
    return unknownMember;
  };
}
