import { expect, test } from 'vitest';
import { checkArchitecture } from './architecture.mjs';

/** The problems of a tree with one file. */
const problemsOf = (path: string, text: string, manifests = {}): string[] =>
  checkArchitecture(new Map([[path, text]]), manifests).problems;

test('a source that keeps the rules has no problem', () => {
  const text = `import type { AgentEvent } from '@magi/stream-protocol';
// awslambda.streamifyResponse is not needed
/** import { useState } from 'react'; */
export type { AgentEvent };
`;
  expect(problemsOf('packages/stream-client/src/run.ts', text)).toEqual([]);
});

const broken: [name: string, path: string, text: string, problem: RegExp][] = [
  [
    'an arrow that points up',
    'stream-protocol/src/a.ts',
    `import '@magi/stream-client';`,
    /upwards/,
  ],
  [
    'a type-only arrow that points sideways',
    'stream-client/src/a.ts',
    `import type { X } from '@magi/lambda-stream';`,
    /upwards/,
  ],
  [
    'a dynamic import upwards',
    'stream-client/src/a.ts',
    `await import('@magi/stream-react');`,
    /up/,
  ],
  [
    'a relative import of another package',
    'stream-client/src/a.ts',
    `export { x } from '../../stream-protocol/src/x';`,
    /outside its package/,
  ],
  ['a Node module for a browser', 'stream-client/src/a.ts', `import 'node:http';`, /browsers/],
  ['a bare Node module for a browser', 'stream-react/src/a.ts', `import 'fs';`, /browsers/],
  ['React in the client', 'stream-client/src/a.ts', `import { useState } from 'react';`, /React/],
  ['an import in sse/', 'stream-protocol/src/sse/a.ts', `import '../events';`, /sse\//],
  ['an export-all', 'stream-client/src/a.ts', `export * from './b';`, /export \*/],
  ['a name in camel case', 'stream-client/src/agentClient.ts', ``, /kebab/],
  ['a file above 300 lines', 'stream-client/src/a.ts', '\n'.repeat(301), /301 lines/],
];

for (const [name, path, text, problem] of broken) {
  test(`${name} is reported`, () => {
    const problems = problemsOf(`packages/${path}`, text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(problem);
  });
}

test('a file of nearly 300 lines is only warned about', () => {
  const files = new Map([['packages/stream-client/src/a.ts', '\n'.repeat(299)]]);
  const { problems, warnings } = checkArchitecture(files);
  expect(problems).toEqual([]);
  expect(warnings).toEqual(['packages/stream-client/src/a.ts: has 299 lines']);
});

test('a second file that names the awslambda world is reported; a comment and the local server are not', () => {
  const tag = `export const tag = Symbol.for('aws.lambda.runtime.handler.streaming');`;
  const one = ['packages/lambda-stream/src/tag.ts', tag] as const;
  const local = ['packages/lambda-stream/src/local/serve.ts', tag] as const;
  const comment = ['packages/lambda-stream/src/b.ts', '// awslambda'] as const;
  expect(checkArchitecture(new Map([one, local, comment])).problems).toEqual([]);
  const two = ['packages/lambda-stream/src/c.ts', 'globalThis.awslambda;'] as const;
  const { problems } = checkArchitecture(new Map([one, two]));
  expect(problems).toEqual([expect.stringMatching(/only one file.*tag\.ts.*c\.ts/)]);
});

test('a package that the manifest does not declare is reported', () => {
  const path = 'packages/lambda-stream/src/cognito.ts';
  const text = `import 'aws-jwt-verify';`;
  const declared = { 'lambda-stream': { peerDependencies: { 'aws-jwt-verify': '*' } } };
  expect(problemsOf(path, text, declared)).toEqual([]);
  expect(problemsOf(path, text, { 'lambda-stream': {} })).toEqual([
    expect.stringMatching(/does not declare/),
  ]);
});

test('an optional peer that the core of lambda-stream reaches is reported', () => {
  const files = new Map([
    ['packages/lambda-stream/src/index.ts', `export { a } from './deep/a';`],
    ['packages/lambda-stream/src/deep/a.ts', `import '@opentelemetry/api'; export const a = 1;`],
    ['packages/lambda-stream/src/otel.ts', `import '@opentelemetry/api';`],
  ]);
  expect(checkArchitecture(files).problems).toEqual([expect.stringMatching(/deep\/a\.ts.*core/)]);
});

test('a source that no entry reaches is reported, a test fixture is not', () => {
  const files = new Map([
    ['packages/stream-client/src/index.ts', `export { a } from './a';`],
    ['packages/stream-client/src/a.ts', 'export const a = 1;'],
    ['packages/stream-client/src/b.ts', 'export const b = 1;'],
    ['packages/stream-client/src/c.fixture.ts', `import 'node:http';`],
  ]);
  const manifest = { exports: { '.': { 'magi-source': './src/index.ts' } } };
  expect(checkArchitecture(files, { 'stream-client': manifest }).problems).toEqual([
    'packages/stream-client/src/b.ts: is reached from no entry of its package',
  ]);
});

test('a run-time dependency is reported', () => {
  const manifests = {
    'stream-client': { dependencies: { '@magi/stream-protocol': '1', ms: '2' } },
  };
  expect(checkArchitecture(new Map(), manifests).problems).toEqual([
    expect.stringMatching(/run-time dependency "ms"/),
  ]);
});
