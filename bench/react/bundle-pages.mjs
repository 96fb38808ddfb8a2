import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const pages = fileURLToPath(new URL('pages/', import.meta.url));

/** Builds every page twice into `folder`, as production code: `<name>.js` for a browser, `<name>.cjs` for Node and jsdom. */
export async function bundlePages(folder, names) {
  const entryPoints = readdirSync(pages)
    .filter((file) => names.some((name) => file === `${name}.jsx`))
    .map((file) => pages + file);
  const common = {
    entryPoints,
    bundle: true,
    jsx: 'automatic',
    minify: true,
    conditions: ['magi-source', 'production'],
    define: { 'process.env.NODE_ENV': '"production"' },
    outdir: folder,
    logLevel: 'error',
  };
  await build({ ...common, platform: 'browser', format: 'iife', target: 'es2022' });
  await build({
    ...common,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    outExtension: { '.js': '.cjs' },
  });
}
