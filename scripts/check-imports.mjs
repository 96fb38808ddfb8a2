// Fails when the sources break a rule of ARCHITECTURE.md: `npm run check:imports`.
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkArchitecture } from './architecture.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const left = new Set(['node_modules', 'dist', 'cdk.out', 'api']);

function* sources(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!left.has(entry.name) && !entry.name.startsWith('.')) yield* sources(path);
    } else if (/\.(tsx?|mjs)$/.test(entry.name) && !entry.name.endsWith('.d.ts')) {
      yield path.split(sep).join('/');
    }
  }
}

const files = new Map();
for (const folder of ['packages', 'examples', 'scripts', 'tests', 'bench']) {
  for (const path of sources(folder)) files.set(path, readFileSync(join(root, path), 'utf8'));
}
const manifests = {};
for (const name of readdirSync(join(root, 'packages'))) {
  const manifest = readFileSync(join(root, 'packages', name, 'package.json'), 'utf8');
  manifests[name] = JSON.parse(manifest);
}

const { problems, warnings } = checkArchitecture(files, manifests);
for (const line of warnings) console.warn(`warning: ${line}`);
for (const line of problems) console.error(line);
console.log(`${files.size} files, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
