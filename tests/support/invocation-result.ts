/** The HTTP metadata that a handler sends before the body of its response. */
export interface Prelude {
  statusCode: number;
  headers: Record<string, string>;
  cookies?: string[];
}

/** What one invocation sent to the Runtime API. */
export interface InvocationResult {
  requestId: string;
  /**
   * `complete`: the response ended with its last chunk. `cut`: the connection closed before that. `error-posted`: the
   * runtime reported a failure instead of a response. `timed-out`: nothing of the three within the invocation's time.
   */
  ending: 'complete' | 'cut' | 'error-posted' | 'timed-out';
  contentType: string | undefined;
  /** Absent when the response carried no HTTP metadata. */
  prelude: Prelude | undefined;
  /** What the client of a function URL would see. */
  body: Buffer;
  text: string;
  /** HTTP chunks of the response, the prelude's included. */
  chunks: number;
  /** Bytes of the response's chunks, framing excluded. */
  payloadBytes: number;
  /** Bytes read from the connection for this response, head and framing included. */
  wireBytes: number;
  /** Network reads that carried them. */
  reads: number;
  trailers: Record<string, string>;
  /** The failure that the trailers reported, decoded: what Lambda's error metric counts. */
  failure: { type: string; message: string; trace: string[] } | undefined;
  /** From the delivery of the event to the first chunk; `undefined` without one. */
  firstChunkMs: number | undefined;
  /** From the delivery of the event to the end of the response. */
  wallMs: number;
}

const integrationType = 'application/vnd.awslambda.http-integration-response';
const delimiter = Buffer.alloc(8);

/** Splits a response into its prelude and the body that a client sees. */
export function splitPrelude(
  payload: Buffer,
  contentType: string | undefined,
): { prelude: Prelude | undefined; body: Buffer } {
  const at = contentType === integrationType ? payload.indexOf(delimiter) : -1;
  if (at < 0) return { prelude: undefined, body: payload };
  return {
    prelude: JSON.parse(payload.toString('utf8', 0, at)),
    body: payload.subarray(at + delimiter.length),
  };
}

/** Decodes the error trailers of a response. */
export function readFailure(trailers: Record<string, string>): InvocationResult['failure'] {
  const type = trailers['lambda-runtime-function-error-type'];
  if (type === undefined) return undefined;
  const encoded = trailers['lambda-runtime-function-error-body'] ?? '';
  const body = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  return { type, message: body.errorMessage, trace: body.trace ?? [] };
}
