import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

export interface Bundle {
  /** The bundled ES module. */
  file: string;
  bytes: number;
  remove(): Promise<void>;
}

/** Some of the SDK's dependencies are CommonJS and ask for Node's modules with `require`. */
const requireShim = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** Bundles a handler as a deployment does: one minified ES module with everything in it. */
export async function bundleHandler(
  entry: string,
  options: { sources?: boolean } = {},
): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), 'magi-bundle-'));
  const file = join(folder, 'index.mjs');
  const { metafile } = await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    conditions: options.sources === false ? [] : ['magi-source'],
    banner: { js: requireShim },
    metafile: true,
    logLevel: 'warning',
  });
  const bytes = Object.values(metafile.outputs)[0]?.bytes ?? 0;
  return { file, bytes, remove: () => rm(folder, { recursive: true, force: true }) };
}
