import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const packages = readdirSync(join(root, 'packages'));
const filesIn = (folder: string, name: RegExp) =>
  readdirSync(join(root, folder))
    .filter((file) => name.test(file))
    .map((file) => join(root, folder, file));
const pages = [
  join(root, 'README.md'),
  ...filesIn('docs', /\.md$/),
  ...filesIn('docs/react', /\.md$/),
  ...packages.map((name) => join(root, 'packages', name, 'README.md')),
  ...filesIn('packages/stream-react/src', /^[a-z-]+\.tsx?$/),
];

/** Needs the rest of a backend around it: `examples/amplify-chat/amplify/backend.ts` is the whole, and is compiled. */
const fragments = [join(root, 'docs/deploying.md')];

/** The code blocks of a page, those in doc comments without their margin. */
function examplesOf(page: string): string[] {
  const text = readFileSync(page, 'utf8').replaceAll(/^ \* ?/gm, '');
  return [...text.matchAll(/^```tsx?\n(.*?)^```/gms)].map(([, code = '']) => code);
}

// Below this folder the examples resolve what a reader has installed.
const parent = fileURLToPath(new URL('../node_modules/.cache/', import.meta.url));
mkdirSync(parent, { recursive: true });
const folder = mkdtempSync(join(parent, 'examples-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every example in the guides, READMEs and doc comments of the hook compiles as it stands', () => {
  const files = pages
    .filter((page) => !fragments.includes(page))
    .flatMap((page) =>
      examplesOf(page).map((code, index) => {
        // A first line like `// handler.ts` names the file that another block of the page imports.
        const [, name = `${index}.tsx`] = /^\/\/ ([\w-]+\.ts)\n/.exec(code) ?? [];
        const file = join(folder, relative(root, page).replaceAll('.', '-'), name);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, code);
        return file;
      }),
    );
  expect(files.length).toBeGreaterThan(40);
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, {
    ...options,
    jsx: ts.JsxEmit.ReactJSX,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    typeRoots: [join(root, 'tests/node_modules/@types')],
    noUnusedLocals: false,
    noUnusedParameters: false,
    paths: {
      'aws-amplify/auth': [join(root, 'examples/amplify-chat/node_modules/aws-amplify/auth')],
    },
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file === undefined || file.fileName.startsWith(folder))
    .map(
      ({ file, messageText }) =>
        `${relative(folder, file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    );
  expect(problems).toEqual([]);
});
