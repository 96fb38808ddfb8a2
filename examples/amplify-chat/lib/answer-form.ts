/** What an interrupt wants to be told. */
export interface AnswerForm {
  /** Whether it asks for leave. */
  readonly asksLeave: boolean;
  /** The one value it asks for. `property` is absent where the value is the whole answer. */
  readonly value?: { readonly property?: string; readonly isRequired: boolean };
}

type Schema = Readonly<Record<string, unknown>>;

function isText(schema: unknown): boolean {
  const { type, enum: choices } = Object(schema);
  return choices === undefined && (type === undefined || type === 'string');
}

/**
 * Reads an interrupt's `responseSchema`: leave (`approved`), one text, or both. Without a schema it asks for leave.
 *
 * Does not know schemas that need more than that: give those a form of their own.
 */
export function readAnswerForm(schema: Schema | undefined): AnswerForm {
  if (schema?.type === 'string') return { asksLeave: false, value: { isRequired: true } };
  const properties = Object.entries(Object(schema?.properties));
  const [property] = properties.find(([, each]) => isText(each)) ?? [];
  const required: unknown[] = Array.isArray(schema?.required) ? schema.required : [];
  return {
    asksLeave: property === undefined || properties.some(([name]) => name === 'approved'),
    ...(property !== undefined && {
      value: { property, isRequired: required.includes(property) },
    }),
  };
}

/** Returns the payload of the answer: leave is given, and `text` is the value if there is one. */
export function answerPayload({ asksLeave, value }: AnswerForm, text: string): unknown {
  if (value && value.property === undefined) return text;
  return {
    ...(asksLeave && { approved: true }),
    ...(value?.property !== undefined && text !== '' && { [value.property]: text }),
  };
}
