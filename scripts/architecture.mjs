// The rules of ARCHITECTURE.md that a machine can hold, as one pure function over the sources.
import { builtinModules } from 'node:module';
import { dirname, posix } from 'node:path';
import ts from 'typescript';

/** Which of our packages each package may import: the arrows point down. */
const below = {
  'stream-protocol': [],
  'lambda-stream': ['stream-protocol'],
  'stream-client': ['stream-protocol'],
  'stream-react': ['stream-client', 'stream-protocol'],
};
const browserPackages = ['stream-protocol', 'stream-client', 'stream-react'];
/** These folders play the platform's part and so must know its words. */
const platformFolders = ['local', 'testing'];
const platformWord = /awslambda|aws\.lambda\.runtime/;
const maxLines = 300;
const manyLines = 250;

/** Tests and what only they use: they may import anything. */
const isTest = (path) => /\.(test|test-d|fixture)\.tsx?$/.test(path) || /\/src\/test\//.test(path);
const packageName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const isBuiltin = (specifier) =>
  specifier.startsWith('node:') || builtinModules.includes(specifier.split('/')[0]);

function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map((file) => file.fileName);
}

/** True when code, not a comment, names the platform. */
function namesPlatform(path, text) {
  if (!platformWord.test(text)) return false;
  const visit = (node) => {
    const word =
      ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
    return (word && platformWord.test(node.text)) || ts.forEachChild(node, visit) || false;
  };
  return visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest));
}

function checkImport({ name, inner, path }, specifier, manifest, report) {
  if (specifier.startsWith('.')) {
    const target = posix.join(dirname(inner), specifier);
    if (target.startsWith('..')) report(path, `imports "${specifier}" from outside its package`);
    if (inner.startsWith('sse/') && !target.startsWith('sse/')) {
      report(path, `sse/ imports nothing, but it imports "${specifier}"`);
    }
    return;
  }
  if (name === 'stream-protocol' && inner.startsWith('sse/')) {
    report(path, `sse/ imports nothing, but it imports "${specifier}"`);
  }
  if (isBuiltin(specifier)) {
    if (browserPackages.includes(name)) {
      report(path, `runs in browsers, but it imports "${specifier}"`);
    }
    return;
  }
  const dependency = packageName(specifier);
  if (dependency.startsWith('@magi/')) {
    const target = dependency.slice('@magi/'.length);
    if (!below[name]?.includes(target)) report(path, `imports upwards: "${specifier}"`);
  }
  if (/^(react|react-dom)$/.test(dependency) && name !== 'stream-react') {
    report(path, `only stream-react imports React, but it imports "${specifier}"`);
  }
  const declared = { ...manifest?.dependencies, ...manifest?.peerDependencies };
  if (manifest !== undefined && declared[dependency] === undefined) {
    report(path, `imports "${dependency}", which its package.json does not declare`);
  }
}

/** Follows relative imports from an entry: the files that it reaches, and the bare specifiers with their importers. */
function reach(files, entry) {
  const seen = new Set();
  const bare = new Map();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path) || !files.has(path)) continue;
    seen.add(path);
    for (const specifier of importsOf(files.get(path))) {
      if (!specifier.startsWith('.')) bare.set(specifier, path);
      else {
        const target = posix.join(dirname(path), specifier);
        open.push(target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`);
      }
    }
  }
  return { seen, bare };
}

/** The source files that a package's manifest names, for importers and as commands. */
function entriesOf(name, manifest) {
  const exported = Object.values(manifest.exports ?? {}).map((target) => target['magi-source']);
  const commands = Object.values(manifest.publishConfig?.bin ?? {}).map((built) =>
    built.replace('/dist/', '/src/').replace(/\.js$/, '.ts'),
  );
  return [...exported, ...commands]
    .filter((target) => target !== undefined)
    .map((target) => posix.join('packages', name, target));
}

/**
 * Returns one line per broken rule, and one per file that is about to break one.
 *
 * `files`: path from the root, with `/` → text. `manifests`: package folder name → its package.json.
 */
export function checkArchitecture(files, manifests = {}) {
  const problems = [];
  const warnings = [];
  const report = (path, what) => problems.push(`${path}: ${what}`);
  const platformFiles = [];

  for (const [path, text] of files) {
    const [, name, inner] = /^packages\/([^/]+)\/src\/(.+)$/.exec(path) ?? [];
    if (/^\s*export\s+\*/m.test(text) && !isTest(path)) {
      report(path, 'uses `export *`: list what it exports');
    }
    const file = path.slice(path.lastIndexOf('/') + 1);
    if (name !== undefined && !/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z-]+)*\.tsx?$/.test(file)) {
      report(path, 'is not named in kebab-case');
    }
    const lines = text.split('\n').length - 1;
    if (!isTest(path)) {
      const bounded = !/^(tests|bench)\//.test(path);
      if (bounded && lines > maxLines) report(path, `has ${lines} lines; ${maxLines} is the bound`);
      else if (lines > manyLines) warnings.push(`${path}: has ${lines} lines`);
    }
    if (name === undefined || isTest(path)) continue;
    for (const specifier of importsOf(text)) {
      checkImport({ name, inner, path }, specifier, manifests[name], report);
    }
    if (!platformFolders.includes(inner.split('/')[0]) && namesPlatform(path, text)) {
      platformFiles.push(path);
    }
  }

  if (platformFiles.length > 1) {
    problems.push(`only one file may name the awslambda world: ${platformFiles.join(', ')}`);
  }
  const core = reach(files, 'packages/lambda-stream/src/index.ts');
  for (const [specifier, path] of core.bare) {
    if (isBuiltin(specifier) || packageName(specifier) === '@magi/stream-protocol') continue;
    report(path, `belongs to the core of lambda-stream, but it imports "${specifier}"`);
  }
  for (const [name, manifest] of Object.entries(manifests)) {
    const entries = entriesOf(name, manifest);
    const reached = new Set(entries.flatMap((entry) => [...reach(files, entry).seen]));
    for (const path of files.keys()) {
      const inside = path.startsWith(`packages/${name}/src/`);
      if (entries.length === 0 || !inside || isTest(path) || reached.has(path)) continue;
      report(path, 'is reached from no entry of its package');
    }
    for (const dependency of Object.keys(manifest.dependencies ?? {})) {
      if (dependency.startsWith('@magi/')) continue;
      problems.push(`packages/${name}/package.json: has the run-time dependency "${dependency}"`);
    }
  }
  return { problems: [...new Set(problems)], warnings };
}
