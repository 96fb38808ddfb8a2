/** Encodes bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** The bytes of a blob: an SDK delivers them as such, JSON as base64. */
export function blobBytes(blob: Uint8Array | string): Uint8Array {
  return typeof blob === 'string' ? Buffer.from(blob, 'base64') : blob;
}
