/** What the judge is given. */
export interface Brief {
  readonly question: string;
  readonly opinions: readonly { readonly name: string; readonly text: string }[];
  /** Sages that failed or ran out of time. */
  readonly silent: readonly string[];
}

const questionHeading = '# Question';
const opinionHeading = '# Opinion of ';
const silentHeading = '# Not heard';

/** Writes the judge's input: the question, then each opinion under its sage's name. */
export function writeBrief({ question, opinions, silent }: Brief): string {
  const parts = [
    `${questionHeading}\n\n${question}`,
    ...opinions.map(({ name, text }) => `${opinionHeading}${name}\n\n${text}`),
  ];
  if (silent.length > 0) parts.push(`${silentHeading}\n\n${silent.join(', ')}`);
  return parts.join('\n\n');
}

/** Reads what `writeBrief` wrote. For agents that are programs: a model just reads the text. */
export function readBrief(text: string): Brief {
  let question = '';
  let silent: string[] = [];
  const opinions: { name: string; text: string }[] = [];
  for (const part of text.split(/\n\n(?=# )/)) {
    const [heading = '', ...rest] = part.split('\n\n');
    const body = rest.join('\n\n');
    if (heading === questionHeading) question = body;
    else if (heading === silentHeading) silent = body.split(', ');
    else if (heading.startsWith(opinionHeading))
      opinions.push({ name: heading.slice(opinionHeading.length), text: body });
  }
  return { question, opinions, silent };
}
