// What each entry costs a page or a cold start: minified by esbuild, compressed by zlib at level 9.
//
//   npm run bench:size             a table
//   npm run bench:size -- --check  fails when an entry has grown above its ceiling
//   npm run bench:size -- --strict fails when an entry is above its bound
//   npm run bench:size -- --json   one JSON object on the last line
//
// The bound is what an entry is meant to cost. Where it costs more, the ceiling is what it cost when that was last looked at:
// a ceiling goes up with a mended fault or a new option only, and comes down until the bound takes its place.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const KiB = 1024;

/** `names`: what a typical user imports; absent: everything that the entry exports. */
const entries = [
  {
    label: 'sse_decoder',
    from: '@magi/stream-protocol/sse',
    names: ['createSseDecoder'],
    boundKiB: 2,
  },
  {
    label: 'stream_client',
    from: '@magi/stream-client',
    names: ['bearer', 'createAgentClient', 'createConversation'],
    boundKiB: 6.5,
    ceilingKiB: 13.34,
  },
  { label: 'stream_client_all', from: '@magi/stream-client' },
  {
    label: 'stream_react',
    from: '@magi/stream-react',
    names: ['useAgentStream'],
    boundKiB: 9,
    ceilingKiB: 15.88,
  },
  { label: 'stream_react_all', from: '@magi/stream-react' },
  {
    label: 'lambda_stream_core',
    from: '@magi/lambda-stream',
    names: ['streamHandler'],
    platform: 'node',
    boundKiB: 6,
    ceilingKiB: 14.46,
  },
  { label: 'lambda_stream_all', from: '@magi/lambda-stream', platform: 'node' },
];

async function measure({ label, from, names, platform = 'browser', boundKiB, ceilingKiB }) {
  const { outputFiles } = await build({
    stdin: {
      contents: `export ${names === undefined ? '*' : `{ ${names.join(', ')} }`} from '${from}';`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    platform,
    conditions: ['magi-source'],
    external: ['react', 'react/jsx-runtime'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  const code = outputFiles[0].contents;
  return {
    label,
    from,
    names: names ?? ['everything'],
    minBytes: code.length,
    gzipBytes: gzipSync(code, { level: 9 }).length,
    ...(boundKiB === undefined ? {} : { boundBytes: boundKiB * KiB }),
    ceilingBytes: (ceilingKiB ?? boundKiB ?? Number.POSITIVE_INFINITY) * KiB,
  };
}

const kib = (bytes) => (bytes / KiB).toFixed(2).padStart(7);
const sizes = await Promise.all(entries.map(measure));
console.log('KiB     min    gzip   bound  what');
for (const { from, names, minBytes, gzipBytes, boundBytes } of sizes) {
  const bound = boundBytes === undefined ? '      –' : kib(boundBytes);
  const verdict = boundBytes !== undefined && gzipBytes > boundBytes ? '  ABOVE ITS BOUND' : '';
  console.log(
    `${kib(minBytes)} ${kib(gzipBytes)} ${bound}  ${from}: ${names.join(', ')}${verdict}`,
  );
}

if (process.argv.includes('--json')) {
  const pick = (keep, of) => Object.fromEntries(sizes.filter(keep).map((s) => [s.label, of(s)]));
  const bounded = (size) => size.boundBytes !== undefined;
  console.log(
    JSON.stringify({
      ours: pick(
        () => true,
        ({ minBytes, gzipBytes }) => ({ min_bytes: minBytes, gzip_bytes: gzipBytes }),
      ),
      peers: {},
      floors: pick(bounded, ({ boundBytes }) => ({ gzip_bytes: boundBytes })),
      ratios: pick(bounded, ({ gzipBytes, boundBytes }) => gzipBytes / boundBytes),
    }),
  );
}
const limit = process.argv.includes('--strict')
  ? 'boundBytes'
  : process.argv.includes('--check')
    ? 'ceilingBytes'
    : undefined;
const above = sizes.filter((size) => size.gzipBytes > (size[limit] ?? Number.POSITIVE_INFINITY));
for (const { from, gzipBytes, [limit]: bytes } of above) {
  console.error(`${from} is ${kib(gzipBytes).trim()} KiB, ${kib(bytes).trim()} are allowed`);
}
if (above.length > 0) process.exit(1);
