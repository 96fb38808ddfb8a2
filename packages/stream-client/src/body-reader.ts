/** The part of a stream reader that a run needs. */
export type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read'>;

/**
 * Reads the body chunk by chunk. A platform without streaming bodies (React Native) gets the whole answer as one chunk,
 * when it is complete.
 */
export function bodyReader(response: Response): BodyReader {
  if (response.body) return response.body.getReader();
  let read = false;
  return {
    async read() {
      if (read) return { done: true, value: undefined };
      read = true;
      return { done: false, value: new TextEncoder().encode(await response.text()) };
    },
  };
}
