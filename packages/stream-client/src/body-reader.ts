/** Reads the next piece of a body. */
export type ReadChunk = () => Promise<{ value?: Uint8Array | undefined }>;

/** A browser may hand over half a megabyte at once; between two pieces of it the page gets its turn. Bytes. */
const PIECE_BYTES = 64 * 1024;

/** A platform without streaming bodies (React Native) gives the whole answer as one chunk, when it is complete. */
function chunkReader(response: Response): ReadChunk {
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

export function bodyReader(response: Response): ReadChunk {
  const readChunk = chunkReader(response);
  let rest: Uint8Array | undefined;
  const cut = ({ value }: { value?: Uint8Array | undefined }) => {
    rest = value && value.length > PIECE_BYTES ? value.subarray(PIECE_BYTES) : undefined;
    return { value: value?.subarray(0, PIECE_BYTES) };
  };
  return () => (rest ? Promise.resolve(cut({ value: rest })) : readChunk().then(cut));
}
