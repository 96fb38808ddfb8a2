/** A request as every door reads it, before anything is decided about it. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case, as `joinHeaders` joins them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The Lambda event behind it; `undefined` outside Lambda. */
  readonly event: unknown;
  /** Whether the front has chosen this handler by path already, so that any path is ours unless `path` says otherwise. */
  readonly routed: boolean;
  /** Resolves to the body as text, or to `undefined` as soon as it is known to be above `maxBytes`. */
  readBody(maxBytes: number): Promise<string | undefined>;
  /** Milliseconds until the platform ends the request; `Infinity` where nothing does. */
  remainingTimeMs(): number;
}

export type HttpHeaders = Record<string, string>;

/** A complete answer. */
export interface HttpReply {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string;
}

/** Where a response goes. One owner; nothing is written after `end` or after the reader has gone. */
export interface ResponseSink {
  /** Sends status, headers and the first text in one write. Returns false when the reader is behind. */
  begin(status: number, headers: HttpHeaders, text: string): boolean;
  /** Returns false when the reader is behind: call `drained` before the next write. */
  write(text: string): boolean;
  /** Resolves when the reader has caught up or has gone. */
  drained(): Promise<void>;
  /** Ends the response. Resolves when everything was handed over or the reader has gone. */
  end(failed: boolean): Promise<void>;
  /** The reader went away before the end. */
  readonly gone: boolean;
  /** Called once when the reader goes away before the end; at once when it has gone. */
  onGone(listener: () => void): void;
}
