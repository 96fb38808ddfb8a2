/** What was seen of one answer. Times are milliseconds since the request was sent; `undefined`: it never came. */
export interface StreamReport {
  /** Without its query, which may hold a secret. */
  readonly url: string;
  readonly status?: number | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly contentLength?: string | undefined;
  /** Why there is no answer, or why it could not be read to its end. */
  readonly failure?: string | undefined;
  /** The beginning of an answer that is no event stream. */
  readonly body?: string | undefined;
  readonly headersMs?: number | undefined;
  readonly firstByteMs?: number | undefined;
  readonly firstTextMs?: number | undefined;
  readonly lastTextMs?: number | undefined;
  readonly endMs?: number | undefined;
  readonly bytes: number;
  readonly events: number;
  /** Events that hold text of the answer. */
  readonly textEvents: number;
  /** Network chunks in which they came. */
  readonly textArrivals: number;
  /** Between one such chunk and the next. */
  readonly gapMs?:
    | { readonly median: number; readonly p95: number; readonly max: number }
    | undefined;
  readonly terminal?: 'RUN_FINISHED' | 'RUN_ERROR' | undefined;
  /** The `code` of RUN_ERROR. */
  readonly runErrorCode?: string | undefined;
}
