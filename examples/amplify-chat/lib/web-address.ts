/** Returns an address a browser may open: `http:` or `https:` only. A source may also be an `s3:` address or a mere name. */
export function webAddress(uri: string | undefined): string | undefined {
  if (uri === undefined || !URL.canParse(uri)) return undefined;
  const { protocol, href } = new URL(uri);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
