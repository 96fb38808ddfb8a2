import { request } from 'node:http';

export interface RawResponse {
  status: number;
  /** Names in lower case, values as they were sent. */
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** What each network read added. */
  pieces: string[];
  /** False when the connection closed before the response ended. */
  complete: boolean;
}

export interface RawOptions {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent as it is when it is text, as JSON otherwise. */
  body?: unknown;
}

/** Sends a request as `curl -N` does: nothing is followed, decoded, retried or checked. */
export function rawRequest(url: string, options: RawOptions = {}): Promise<RawResponse> {
  const { body } = options;
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: options.method ?? 'POST',
        agent: false,
        headers: {
          accept: '*/*',
          ...(text === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
      },
      (incoming) => {
        const pieces: string[] = [];
        incoming.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
        const settle = (): void =>
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: pieces.join(''),
            pieces,
            complete: incoming.complete,
          });
        // A cut is reported by `complete`; its error event tells no more.
        incoming.on('error', settle).on('close', settle);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(text);
  });
}
