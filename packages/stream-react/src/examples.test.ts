import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';

const folderOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const [sources, guides] = [folderOf('./'), folderOf('../../../docs/react/')];
const pages = [
  folderOf('../README.md'),
  ...readdirSync(guides).map((name) => join(guides, name)),
  ...readdirSync(sources)
    .filter((name) => /^[a-z-]+\.tsx?$/.test(name))
    .map((name) => join(sources, name)),
];

/** The code blocks of a page, those in doc comments without their margin. */
function examplesOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^ \* ?/gm, '');
  return [...text.matchAll(/^```tsx?\n(.*?)^```/gms)].map(([, code = '']) => code);
}

// Beside the sources: the examples resolve what a reader of this package resolves.
const parent = folderOf('../node_modules/.cache/');
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every example in the guides and doc comments compiles as it stands', {
  timeout: 120_000,
}, () => {
  const files = pages.flatMap((page) =>
    examplesOf(page).map((code, index) => {
      const name = `${page.split('/').at(-1)?.replaceAll('.', '-')}-${index}.tsx`;
      writeFileSync(join(folder, name), code);
      return join(folder, name);
    }),
  );
  expect(files.length).toBeGreaterThan(14);
  const configPath = folderOf('../tsconfig.json');
  const { config } = ts.readConfigFile(configPath, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folderOf('../'));
  const program = ts.createProgram(files, {
    ...options,
    noUnusedLocals: false,
    paths: { '@magi/stream-react': [join(sources, 'index.ts')] },
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file?.fileName.startsWith(folder))
    .map(
      ({ file, messageText }) =>
        `${file?.fileName.split('/').at(-1)}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  expect(problems).toEqual([]);
});
