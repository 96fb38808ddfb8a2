import { defineConfig } from 'tsup';
import { base } from '../../tsup.base';

export default defineConfig({
  ...base,
  entry: [
    'src/index.ts',
    'src/bedrock-agent/index.ts',
    'src/agentcore/index.ts',
    'src/converse/index.ts',
    'src/ai-sdk/index.ts',
    'src/cdk/index.ts',
    'src/cognito.ts',
    'src/jwt.ts',
    'src/iam.ts',
    'src/otel/index.ts',
    'src/cli/main.ts',
    'src/local/index.ts',
    'src/testing/index.ts',
  ],
});
