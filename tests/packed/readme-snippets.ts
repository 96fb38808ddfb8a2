import { readFileSync } from 'node:fs';

/** The fenced blocks of a Markdown file that an HTML comment `<!-- runs: NAME -->` marks, by name. */
export function readSnippets(file: URL): Record<string, string> {
  const text = readFileSync(file, 'utf8');
  const marked = /<!-- runs: ([\w-]+) -->\n```\w+\n(.*?)\n```/gs;
  const found = [...text.matchAll(marked)].map(([, name, code]) => [name, `${code}\n`]);
  return Object.fromEntries(found);
}
