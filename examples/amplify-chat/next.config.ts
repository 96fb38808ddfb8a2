import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const repository = fileURLToPath(new URL('../..', import.meta.url));

const config: NextConfig = {
  outputFileTracingRoot: repository,
  outputFileTracingIncludes: { '/*': ['./amplify_outputs.json'] },
  turbopack: { root: repository },
  // Types are checked by `pnpm typecheck`, over the packages' sources.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  devIndicators: false,
};

export default config;
