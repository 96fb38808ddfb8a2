import type { Options } from 'tsup';

/** What every package builds: ESM and CommonJS with their own declarations, for Node 20 and current browsers. */
export const base: Options = {
  format: ['esm', 'cjs'],
  target: 'es2022',
  // tsup sets `baseUrl` for declarations, which TypeScript 6 reports as deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  clean: true,
  sourcemap: true,
  splitting: true,
  treeshake: true,
};
