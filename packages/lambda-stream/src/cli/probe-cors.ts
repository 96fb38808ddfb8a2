/** The names of headers that a browser asks leave for: all but those that every page may send. */
const needLeave = (names: readonly string[]) =>
  names
    .map((name) => name.toLowerCase())
    .filter((name) => !/^(accept|accept-language|content-language)$/.test(name))
    .sort();

/** What keeps a page of `origin` from reading this answer, if anything does. */
export function judgeCorsHeaders(headers: Headers, origin: string, of: string): string | undefined {
  const allowed = headers.get('access-control-allow-origin');
  if (allowed === origin || allowed === '*') return undefined;
  if (allowed === null)
    return `CORS: ${of} names no allowed origin, so pages of ${origin} may not call`;
  return allowed.includes(',')
    ? `CORS: ${of} names the allowed origin twice (${allowed}), which browsers refuse: let either the function URL or the handler do CORS`
    : `CORS: ${of} allows ${allowed}, not ${origin}`;
}

/** Asks for the leave that a browser asks for before it sends the request of a page of `origin`. Returns what is wrong. */
export async function probePreflight(
  url: URL,
  origin: string,
  headerNames: readonly string[],
  signal: AbortSignal,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): Promise<string[]> {
  const asked = needLeave(headerNames);
  const answer = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': asked.join(','),
    },
    redirect: 'manual',
    signal,
  });
  await answer.body?.cancel();
  if (!answer.ok)
    return [`CORS: the preflight got HTTP ${answer.status}: no page of another origin may call`];
  const problem = judgeCorsHeaders(answer.headers, origin, 'the preflight');
  const listed = (answer.headers.get('access-control-allow-headers') ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  // "*" stands for every header but this one.
  const refused = asked.filter(
    (name) => !listed.includes(name) && (name === 'authorization' || !listed.includes('*')),
  );
  return [
    ...(problem === undefined ? [] : [problem]),
    ...(refused.length > 0 ? [`CORS: the header ${refused.join(', ')} is not allowed`] : []),
  ];
}
