/** Returns the fragment id of a heading, the way Markdown viewers make it: lower case, spaces to hyphens, punctuation dropped. */
export function headingAnchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\p{Mark}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}
