import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Language, languageOf } from './language';

/** One Markdown document of this repository. */
export interface RepositoryDocument {
  /** Path inside the repository, with forward slashes. */
  readonly path: string;
  /** Where the page shows it: `/read/` followed by this. */
  readonly slug: string;
  readonly title: string;
  readonly language: Language;
  readonly markdown: string;
}

const folders = ['docs', 'docs/ja', 'docs/guides'];

function markdownFiles(root: string, folder: string): string[] {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => (folder === '' ? name : `${folder}/${name}`));
}

function readmesIn(root: string, folder: string): string[] {
  const absolute = join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute)
    .sort()
    .map((name) => `${folder}/${name}/README.md`)
    .filter((path) => existsSync(join(root, path)));
}

function titleOf(markdown: string, path: string): string {
  const heading = /^#\s+(.+)$/m.exec(markdown)?.[1];
  return heading?.replace(/[`*]/g, '').trim() ?? path;
}

/** Reads the repository's own Markdown: the root, `docs`, and the README of each package and example. Change logs are left out. */
export function readDocuments(root: string): RepositoryDocument[] {
  const paths = [
    ...markdownFiles(root, ''),
    ...folders.flatMap((folder) => markdownFiles(root, folder)),
    ...readmesIn(root, 'packages'),
    ...readmesIn(root, 'examples'),
  ].filter((path) => !/CHANGELOG\.md$/i.test(path));
  return paths.map((path) => {
    const markdown = readFileSync(join(root, path), 'utf8').replace(/\r\n?/g, '\n');
    return {
      path,
      slug: path.replace(/\.md$/i, '').toLowerCase(),
      title: titleOf(markdown, path),
      language: languageOf(markdown.replace(/^```[\s\S]*?^```/gm, '')),
      markdown,
    };
  });
}
