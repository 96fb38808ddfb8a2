import type { RepositoryDocument } from './documents';
import { headingAnchor } from './heading-anchor';
import type { Language } from './language';

/** One block of Markdown, as it stands in its document. */
export interface PassageBlock {
  readonly kind: 'paragraph' | 'list' | 'table' | 'code';
  readonly markdown: string;
}

/** What stands under one heading: the unit that is searched and cited. */
export interface Passage {
  readonly id: string;
  readonly path: string;
  readonly slug: string;
  readonly title: string;
  /** The headings above it, outermost first, without the document's title. */
  readonly headings: readonly string[];
  readonly anchor: string;
  readonly language: Language;
  readonly blocks: readonly PassageBlock[];
  readonly text: string;
}

function kindOf(block: string): PassageBlock['kind'] {
  if (/^\s*(```|~~~)/.test(block)) return 'code';
  if (/^\s*\|/.test(block)) return 'table';
  if (/^\s*([-*+]|\d+[.)])\s/.test(block)) return 'list';
  return 'paragraph';
}

/** Drops what makes no sense outside the document: images, comments, and the targets of relative links. */
function detached(markdown: string): string {
  return markdown
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]+)\]\((?!https?:)[^)]*\)/g, '$1')
    .trim();
}

/** Splits a document into passages, one for each heading that has text of its own. */
export function passagesOf(document: RepositoryDocument): Passage[] {
  const passages: Passage[] = [];
  const stack: { level: number; text: string }[] = [];
  let blocks: PassageBlock[] = [];
  let lines: string[] = [];
  let fence: string | undefined;

  function endBlock() {
    const markdown = lines.join('\n');
    lines = [];
    const isCode = kindOf(markdown) === 'code';
    const kept = isCode ? markdown.trim() : detached(markdown);
    if (kept !== '' && !/^<\/?\w/.test(kept)) blocks.push({ kind: kindOf(kept), markdown: kept });
  }

  function endPassage() {
    endBlock();
    if (blocks.length > 0) {
      const headings = stack.filter(({ level }) => level > 1).map(({ text }) => text);
      passages.push({
        id: `${document.path}#${passages.length}`,
        path: document.path,
        slug: document.slug,
        title: document.title,
        headings,
        anchor: headingAnchor(stack.at(-1)?.text ?? ''),
        language: document.language,
        blocks,
        text: blocks.map(({ markdown }) => markdown).join('\n\n'),
      });
    }
    blocks = [];
  }

  for (const line of document.markdown.split('\n')) {
    const mark = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
    if (fence !== undefined) {
      lines.push(line);
      if (mark?.startsWith(fence)) {
        fence = undefined;
        endBlock();
      }
      continue;
    }
    if (mark !== undefined) {
      endBlock();
      fence = mark;
      lines.push(line);
      continue;
    }
    const heading = /^(#{1,6})\s+(.+?)\s*#*$/.exec(line);
    if (heading) {
      endPassage();
      const level = heading[1]?.length ?? 1;
      while ((stack.at(-1)?.level ?? 0) >= level) stack.pop();
      stack.push({ level, text: (heading[2] ?? '').replace(/[`*]/g, '') });
    } else if (line.trim() === '') {
      endBlock();
    } else {
      lines.push(line);
    }
  }
  endPassage();
  return passages;
}
