import { once } from 'node:events';
import { devNull } from 'node:os';
import { pathToFileURL } from 'node:url';
import { startFunctionUrl } from '@magi/lambda-stream/local';
import { readAgentSource } from '../amplify/functions/agent-stream/environment';
import { localDeployment } from './local-deployment';
import { indexRepository } from './repository-index';
import { startStandIn } from './start-stand-in';

// node serve.mjs <bundled handler> <repository> <page origin> <port>
const [bundle, repository, pageOrigin, port] = process.argv.slice(2);
if (!bundle || !repository || !pageOrigin || !port)
  throw new Error(
    'Call as: serve.mjs <handler bundle> <repository> <page origin> <port, 0 for any>',
  );

const source = readAgentSource(process.env);
const bedrock = await startStandIn({ index: indexRepository(repository), pageOrigin });

// The user's own settings for AWS (a profile, an endpoint, FIPS, a bearer token) would lead the SDK away from the stand-in.
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
// What the function's environment says on AWS; the SDK's own variables point its clients at the stand-in.
Object.assign(process.env, {
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_ENDPOINT_URL: bedrock.url,
  AWS_REGION: bedrock.clientConfig.region,
  AWS_ACCESS_KEY_ID: bedrock.clientConfig.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: bedrock.clientConfig.credentials.secretAccessKey,
  ...localDeployment(source, process.env.LOCAL_AGENT),
  CHAT_AUTH: 'none',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
});

const { handler } = await import(pathToFileURL(bundle).href);
const { hostname, port: pagePort } = new URL(pageOrigin);
const functionUrl = await startFunctionUrl(handler, {
  port: Number(port),
  timeoutMs: 300_000,
  cors: {
    allowOrigins: [...new Set([hostname, 'localhost', '127.0.0.1'])].map(
      (host) => `http://${host}:${pagePort}`,
    ),
    allowMethods: ['POST', 'GET', 'DELETE'],
    allowHeaders: ['authorization', 'content-type', 'last-event-id', 'traceparent'],
  },
});
process.send?.({ functionUrl: functionUrl.url });

// The parent's end, however it came about, is this process's end too.
await Promise.race([
  once(process, 'SIGTERM'),
  once(process, 'SIGINT'),
  once(process, 'disconnect'),
]);
await functionUrl.close();
await bedrock.close();
process.exit(0);
