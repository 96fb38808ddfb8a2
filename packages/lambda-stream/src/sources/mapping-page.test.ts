import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = new URL('../../scripts/render-mapping.mjs', import.meta.url);
const page = new URL('../../../../docs/bedrock-mapping.md', import.meta.url);

it('docs/bedrock-mapping.md says what the fixtures say', () => {
  const code = `import(${JSON.stringify(script.href)}).then((m) => process.stdout.write(m.renderMapping()))`;
  const rendered = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('.', script)),
    encoding: 'utf8',
  });
  expect(readFileSync(page, 'utf8')).toBe(rendered);
});
