import { EventStreamCodec } from '@smithy/core/event-streams';

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString('utf8'),
  (text) => Buffer.from(text, 'utf8'),
);

/**
 * Encodes one member of a Bedrock event stream as an `application/vnd.amazon.eventstream` message.
 *
 * A member whose name ends with `Exception` or `Error` becomes an exception message. `Uint8Array` values become base64 and
 * `Date` values RFC 3339 date-times, as the service writes them.
 *
 * @see https://smithy.io/2.0/aws/amazon-eventstream.html
 */
export function encodeFrame(member: string, payload: unknown): Uint8Array {
  const isException = /(Exception|Error)$/.test(member);
  return codec.encode({
    headers: {
      [isException ? ':exception-type' : ':event-type']: { type: 'string', value: member },
      ':content-type': { type: 'string', value: 'application/json' },
      ':message-type': { type: 'string', value: isException ? 'exception' : 'event' },
    },
    body: Buffer.from(JSON.stringify(wireValue(payload))),
  });
}

/** Encodes an `error` message: a failure that the service's model does not name. */
export function encodeErrorFrame(code: string, message: string): Uint8Array {
  return codec.encode({
    headers: {
      ':message-type': { type: 'string', value: 'error' },
      ':error-code': { type: 'string', value: code },
      ':error-message': { type: 'string', value: message },
    },
    body: new Uint8Array(),
  });
}

function wireValue(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(wireValue);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, wireValue(item)]));
  }
  return value;
}
