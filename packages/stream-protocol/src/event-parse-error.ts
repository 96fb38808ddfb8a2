/** The text is not JSON, not an event, or an event of a known type with a missing or malformed field. */
export class EventParseError extends Error {
  override readonly name = 'EventParseError';
  readonly code = 'ERR_EVENT_PARSE';
  readonly eventType: string | undefined;
  /** Path of the field, like `delta` or `usage[0].inputTokens`. */
  readonly field: string | undefined;
  /** What the field should have been, like `a string`. */
  readonly expected: string;

  /** The message names fields, never values: a value may be a prompt. */
  constructor(cause: { eventType?: string; field?: string; expected: string }) {
    const { eventType, field, expected } = cause;
    super(
      `Cannot parse ${eventType || 'event'}: ${field ? `"${field}"` : 'it'} must be ${expected}`,
    );
    this.eventType = eventType || undefined;
    this.field = field || undefined;
    this.expected = expected;
  }
}
