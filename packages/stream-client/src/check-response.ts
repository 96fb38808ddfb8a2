import type { ReadChunk } from './body-reader';
import { AuthError, HttpError } from './errors';

const EXCERPT_CHARACTERS = 1024;

/** Returns when the response is an event stream; throws what it is instead. */
export async function checkResponse(response: Response, readChunk: ReadChunk): Promise<void> {
  const { status, headers } = response;
  const contentType = headers.get('content-type') ?? '';
  if (status === 200 && /^text\/event-stream\s*(;|$)/i.test(contentType)) return;
  // A redirect that is not followed has no status in a browser.
  const message = `Opening the stream failed: HTTP ${status || 'redirect'} "${contentType}"`;
  if (status === 401 || status === 403) throw new AuthError(message, { status });
  throw new HttpError(message, { status, body: await readExcerpt(readChunk) });
}

async function readExcerpt(readChunk: ReadChunk): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < EXCERPT_CHARACTERS) {
      const { value } = await readChunk();
      if (!value) break;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status is what matters; a body that breaks off adds nothing.
  }
  return text.slice(0, EXCERPT_CHARACTERS);
}
