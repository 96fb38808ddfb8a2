/** The head of an HTTP/1.1 request; header names in lower case. */
export interface RequestHead {
  method: string;
  path: string;
  headers: Record<string, string>;
}

export interface RequestListener {
  onHead(head: RequestHead): void;
  /** One HTTP chunk, whole: the framing is what is under test, so pieces are never reported. */
  onChunk(chunk: Buffer): void;
  onEnd(trailers: Record<string, string>): void;
}

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'trailers';

function fields(lines: readonly string[]): Record<string, string> {
  const named: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) named[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return named;
}

/**
 * Reads HTTP/1.1 requests from the bytes of one connection. An HTTP library would do, but none tells where one chunk
 * ended and the next began, and the number of chunks is one of the things to prove.
 */
export function createRequestParser(listener: RequestListener): { push(bytes: Buffer): void } {
  let state: State = 'head';
  let rest: Buffer = Buffer.alloc(0);
  let expected = 0;
  let pieces: Buffer[] = [];
  let collected = 0;

  /** Takes the bytes up to `separator`, or `undefined` while it has not arrived. */
  const takeUntil = (separator: string): string | undefined => {
    const at = rest.indexOf(separator);
    if (at < 0) return undefined;
    const text = rest.toString('latin1', 0, at);
    rest = rest.subarray(at + separator.length);
    return text;
  };

  /** Takes `count` bytes without copying a growing buffer once for each network read. */
  const takeBytes = (count: number): Buffer | undefined => {
    const wanted = Math.min(count - collected, rest.length);
    if (wanted > 0) pieces.push(rest.subarray(0, wanted));
    collected += wanted;
    rest = rest.subarray(wanted);
    if (collected < count) return undefined;
    const whole = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    pieces = [];
    collected = 0;
    return whole;
  };

  const finish = (trailers: Record<string, string>): void => {
    state = 'head';
    listener.onEnd(trailers);
  };

  const readHead = (): boolean => {
    const text = takeUntil('\r\n\r\n');
    if (text === undefined) return false;
    const [request = '', ...lines] = text.split('\r\n');
    const [method = '', path = ''] = request.split(' ');
    const headers = fields(lines);
    listener.onHead({ method, path, headers });
    if (headers['transfer-encoding']?.toLowerCase() === 'chunked') state = 'chunk-size';
    else {
      expected = Number(headers['content-length'] ?? 0);
      if (expected === 0) finish({});
      else state = 'length';
    }
    return true;
  };

  const step = (): boolean => {
    if (state === 'head') return readHead();
    if (state === 'length') {
      const body = takeBytes(expected);
      if (body === undefined) return false;
      listener.onChunk(body);
      finish({});
      return true;
    }
    if (state === 'chunk-size') {
      const size = takeUntil('\r\n');
      if (size === undefined) return false;
      expected = Number.parseInt(size, 16);
      state = expected === 0 ? 'trailers' : 'chunk-data';
      return true;
    }
    if (state === 'chunk-data') {
      const data = takeBytes(expected + 2); // the CRLF that closes the chunk
      if (data === undefined) return false;
      listener.onChunk(data.subarray(0, expected));
      state = 'chunk-size';
      return true;
    }
    // Trailers end with an empty line; without any, the empty line comes at once.
    const text = rest.subarray(0, 2).toString('latin1') === '\r\n' ? '' : takeUntil('\r\n\r\n');
    if (text === undefined) return false;
    if (text === '') rest = rest.subarray(2);
    finish(fields(text.split('\r\n')));
    return true;
  };

  return {
    push(bytes) {
      rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      while (rest.length > 0 && step());
    },
  };
}
