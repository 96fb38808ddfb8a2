/** A JSON Schema as far as `agentTool` infers types from it; any other keyword may stand beside these. */
export interface JsonSchema {
  readonly type?: string;
  readonly properties?: { readonly [name: string]: JsonSchema };
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly [keyword: string]: unknown;
}

type RequiredNames<S> = S extends { required: readonly (infer N)[] } ? N : never;

type Simplify<T> = { [K in keyof T]: T[K] };

type ObjectOf<S, P> = Simplify<
  { -readonly [K in keyof P as K extends RequiredNames<S> ? K : never]: JsonSchemaOutput<P[K]> } & {
    -readonly [K in keyof P as K extends RequiredNames<S> ? never : K]?: JsonSchemaOutput<P[K]>;
  }
>;

/**
 * The type of the values that a JSON Schema literal describes: `type`, `properties`, `required`, `items`, `enum` and `const`.
 * Anything else is `unknown`.
 *
 * @example
 * ```ts
 * import type { JsonSchemaOutput } from '@magi/stream-react';
 * const schema = { type: 'object', properties: { approved: { type: 'boolean' } }, required: ['approved'] } as const;
 * type Approval = JsonSchemaOutput<typeof schema>; // { approved: boolean }
 * ```
 */
export type JsonSchemaOutput<S> = S extends { const: infer C }
  ? C
  : S extends { enum: readonly (infer E)[] }
    ? E
    : S extends { type: 'string' }
      ? string
      : S extends { type: 'number' | 'integer' }
        ? number
        : S extends { type: 'boolean' }
          ? boolean
          : S extends { type: 'null' }
            ? null
            : S extends { type: 'array'; items: infer I }
              ? JsonSchemaOutput<I>[]
              : S extends { type: 'object'; properties: infer P }
                ? ObjectOf<S, P>
                : unknown;
