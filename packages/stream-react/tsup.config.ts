import { defineConfig } from 'tsup';
import { base } from '../../tsup.base';

// Rollup's tree shaking and the splitting of CommonJS drop the directive 'use client'; esbuild alone keeps that of the entry.
export default defineConfig({
  ...base,
  entry: ['src/index.ts'],
  treeshake: false,
  splitting: false,
});
