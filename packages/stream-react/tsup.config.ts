import { defineConfig } from 'tsup';
import { base } from '../../tsup.base';

// Rollup's tree shaking drops the directive 'use client'; esbuild keeps that of the entry.
export default defineConfig({ ...base, entry: ['src/index.ts'], treeshake: false });
