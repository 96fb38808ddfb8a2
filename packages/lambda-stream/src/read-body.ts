/** Reads a body as text, or gives up with `undefined` as soon as it is known to be above `maxBytes`. */
export async function readBodyBytes(
  body: AsyncIterable<Uint8Array> | null,
  contentLength: string | null | undefined,
  maxBytes: number,
): Promise<string | undefined> {
  if (Number(contentLength) > maxBytes) return undefined;
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
