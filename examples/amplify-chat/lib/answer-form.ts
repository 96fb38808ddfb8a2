/** How one value is asked for. */
export type FieldKind = 'text' | 'number' | 'integer' | 'choice' | 'json';

/** One value that an interrupt asks for. */
export interface AnswerField {
  /** The property it becomes. Absent: the value is the whole answer. */
  readonly property?: string;
  readonly kind: FieldKind;
  readonly label?: string;
  readonly description?: string;
  readonly isRequired: boolean;
  /** Of a `choice`: the values, `true` and `false` for a boolean. */
  readonly choices: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** What an interrupt wants to be told. */
export interface AnswerForm {
  /** Whether it asks for leave: `approved`. */
  readonly asksLeave: boolean;
  readonly fields: readonly AnswerField[];
}

type Schema = Readonly<Record<string, unknown>>;

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a form of one field cannot say: such a value is asked for as JSON. */
const composed = ['anyOf', 'oneOf', 'allOf', 'not', 'if', '$ref', 'properties', 'items'];

function readKind(schema: Schema): Pick<AnswerField, 'kind' | 'choices'> {
  if (composed.some((keyword) => keyword in schema)) return { kind: 'json', choices: [] };
  if ('const' in schema) return { kind: 'choice', choices: [schema.const] };
  if (Array.isArray(schema.enum)) return { kind: 'choice', choices: schema.enum };
  switch (schema.type) {
    // Any value may be a text.
    case undefined:
    case 'string':
      return { kind: 'text', choices: [] };
    case 'number':
    case 'integer':
      return { kind: schema.type, choices: [] };
    case 'boolean':
      return { kind: 'choice', choices: [true, false] };
    default:
      return { kind: 'json', choices: [] };
  }
}

function readField(schema: unknown, isRequired: boolean, property?: string): AnswerField {
  const { title, description, minimum, maximum } = Object(schema);
  const label = typeof title === 'string' ? title : property;
  return {
    ...(isSchema(schema) ? readKind(schema) : ({ kind: 'json', choices: [] } as const)),
    ...(property !== undefined && { property }),
    ...(label !== undefined && { label }),
    ...(typeof description === 'string' && { description }),
    isRequired,
    ...(typeof minimum === 'number' && { minimum }),
    ...(typeof maximum === 'number' && { maximum }),
  };
}

/**
 * Reads an interrupt's `responseSchema`: a value, or an object with a field for each property. `approved` is leave, which a button
 * gives. Without a schema it asks for leave; what the form has no field for is asked for as JSON.
 *
 * Not checked: anything but the type, the bounds and the choices, such as a `pattern`. The agent must check what it gets.
 */
export function readAnswerForm(schema: Schema | undefined): AnswerForm {
  if (schema === undefined || Object.keys(schema).length === 0)
    return { asksLeave: true, fields: [] };
  const { type, properties, required } = schema;
  const isObject = isSchema(properties) && (type === undefined || type === 'object');
  if (!isObject || composed.some((keyword) => keyword !== 'properties' && keyword in schema))
    return { asksLeave: false, fields: [readField(schema, true)] };
  const entries = Object.entries(properties);
  const asksLeave = Object(properties.approved).type === 'boolean';
  return {
    asksLeave: asksLeave || entries.length === 0,
    fields: entries
      .filter(([name]) => !asksLeave || name !== 'approved')
      .map(([name, each]) =>
        readField(each, Array.isArray(required) && required.includes(name), name),
      ),
  };
}

function readValue({ kind, choices }: AnswerField, text: string): unknown {
  switch (kind) {
    case 'text':
      return text;
    case 'number':
    case 'integer':
      return Number(text);
    case 'choice':
      return choices[Number(text)];
    case 'json':
      return JSON.parse(text);
  }
}

/**
 * Returns the payload of the answer: leave is given, and `texts` are the fields' values as they were typed, a choice by its place.
 * A field that was left empty is left out.
 *
 * @throws {SyntaxError} when a field of kind `json` holds no JSON.
 */
export function answerPayload(
  { asksLeave, fields }: AnswerForm,
  texts: readonly string[],
): unknown {
  const values = fields.flatMap((field, at): [string | undefined, unknown][] => {
    const text = (texts[at] ?? '').trim();
    return text === '' && !field.isRequired ? [] : [[field.property, readValue(field, text)]];
  });
  const whole = fields.length === 1 && fields[0]?.property === undefined;
  if (whole) return values[0]?.[1];
  return { ...(asksLeave && { approved: true }), ...Object.fromEntries(values) };
}

/** Returns whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
