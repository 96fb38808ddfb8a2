/** How many bytes `text` from `start` to `end` is in UTF-8. */
export function utf8Length(text: string, start: number, end: number): number {
  let bytes = end - start;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate is half of a 4-byte character.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

type Utf8Stream = ReturnType<typeof createUtf8Stream>;

/** The state of one stream of chunks. */
export function createUtf8Stream() {
  return {
    whole: new TextDecoder('utf-8', { ignoreBOM: true }),
    streaming: new TextDecoder('utf-8', { ignoreBOM: true }),
    /** The last chunk was ASCII. */
    ascii: false,
  };
}

/**
 * Decodes the next chunk. A streaming `TextDecoder` is up to six times slower on ASCII than one that decodes a chunk as a
 * whole, and up to twice as fast on CJK: what follows an ASCII chunk is decoded as a whole. A chunk that ends with an
 * ASCII byte leaves no partial character behind, so that is where the two may change places.
 */
export function decodeUtf8(stream: Utf8Stream, bytes: Uint8Array): string {
  const endsInAscii = (bytes[bytes.length - 1] ?? 0x80) < 0x80;
  const text =
    stream.ascii && endsInAscii
      ? stream.whole.decode(bytes)
      : stream.streaming.decode(bytes, { stream: true });
  stream.ascii = endsInAscii && text.length === bytes.length;
  return text;
}
