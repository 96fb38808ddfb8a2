/** How fast an answer is told. */
export interface Cadence {
  /** Milliseconds between pieces. */
  readonly intervalMs: number;
  /** A piece is between half and one and a half times this many bytes. */
  readonly pieceBytes: number;
}

/** Near the mean of a model's own cadence: a few characters every 30 ms. */
export const naturalCadence: Cadence = { intervalMs: 30, pieceBytes: 7 };

/**
 * Cuts text into pieces of UTF-8 bytes the way a wire may: anywhere, inside a character too. The same text is always cut alike.
 */
export function cutBytes(text: string, pieceBytes: number): Uint8Array[] {
  const bytes = new TextEncoder().encode(text);
  const pieces: Uint8Array[] = [];
  let seed = bytes.length + 1;
  for (let at = 0; at < bytes.length; ) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    const length = Math.max(1, Math.round(pieceBytes * (0.5 + seed / 2147483648)));
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
