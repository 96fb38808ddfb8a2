/** Returns JSON with line breaks and indentation. A tool's text is usually JSON, not always: any other text stays as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
