/** The one member of a union that is set, as the SDK delivers it. */
export interface UnionMember {
  readonly name: string;
  readonly value: unknown;
  /** Whether the SDK's model lacks it. */
  readonly isUnknown: boolean;
}

/** Finds the member of a tagged union that is set, or `undefined` when none is. */
export function unionMember(union: object | undefined): UnionMember | undefined {
  if (union === undefined) return undefined;
  for (const [name, value] of Object.entries(union)) {
    if (value === undefined) continue;
    if (name !== '$unknown') return { name, value, isUnknown: false };
    if (Array.isArray(value)) return { name: String(value[0]), value: value[1], isUnknown: true };
  }
  return undefined;
}

/** The union as the service sent it: a member that the SDK does not know under its own name. */
export function plainUnion(union: object | undefined): Record<string, unknown> {
  const member = unionMember(union);
  return member === undefined ? {} : { [member.name]: member.value };
}
