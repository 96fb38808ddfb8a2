/**
 * A random UUID, version 4. Not `crypto.randomUUID`, which pages without a secure context lack.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4
 */
export function randomId(): string {
  return '00000000-0000-4000-8000-000000000000'.replace(/[08]/g, (digit) => {
    const [random = 0] = crypto.getRandomValues(new Uint8Array(1));
    return (digit === '8' ? 8 + (random & 3) : random & 15).toString(16);
  });
}
