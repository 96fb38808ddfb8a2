/** Reads the next chunk of a body. */
export type ReadChunk = () => Promise<{ value?: Uint8Array | undefined }>;

/** A platform without streaming bodies (React Native) gives the whole answer as one chunk, when it is complete. */
export function bodyReader(response: Response): ReadChunk {
  if (response.body) {
    const reader = response.body.getReader();
    return () => reader.read();
  }
  const whole = (async function* (): AsyncGenerator<Uint8Array, undefined> {
    yield new TextEncoder().encode(await response.text());
    return undefined;
  })();
  return () => whole.next();
}
