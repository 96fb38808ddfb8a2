import {
  BedrockAgentRuntimeClient,
  InvokeAgentCommand,
} from '@aws-sdk/client-bedrock-agent-runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { invokeHarness } from '../agentcore';
import { createClients, SOURCES } from '../sources/run-fixture.fixture';
import { collectRun } from '../sources/verify-run.fixture';
import { checkSignature } from './check-signature';
import type { Bedrock, StartBedrockOptions } from './start-bedrock';
import { startBedrock } from './start-bedrock';

let bedrock: Bedrock | undefined;
afterEach(async () => {
  await bedrock?.close();
});

async function start(options: StartBedrockOptions): Promise<Bedrock> {
  bedrock = await startBedrock(options);
  return bedrock;
}

describe('startBedrock() with credentials', () => {
  const credentials = {
    accessKeyId: 'AKIATEST',
    secretAccessKey: 'the secret',
    sessionToken: 'the token',
  };
  const scripts: StartBedrockOptions = {
    agents: { '*': ['Hello'] },
    models: { '*': [{ messageStop: { stopReason: 'end_turn' } }] },
    runtimes: { '*': ['data: "Hello"\n\n'] },
    harnesses: { '*': [{ messageStop: { stopReason: 'end_turn' } }] },
  };
  const harnessArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:harness/a b+c';

  it.each(['1.1', '2.0'] as const)('accepts what the SDK signs over HTTP/%s', async (transport) => {
    const server = await start({ ...scripts, credentials });
    const clients = createClients(server, transport);
    const runs = [
      SOURCES['invoke-agent'].call(clients, {}),
      SOURCES.converse.call(clients, {}),
      SOURCES['invoke-agent-runtime'].call(clients, {}),
      invokeHarness(clients.core, {
        harnessArn,
        runtimeSessionId: 's'.repeat(40),
        qualifier: 'a/b=c&d',
        messages: [],
      }),
    ];
    for (const run of runs) expect((await collectRun(run)).error).toBeUndefined();
    expect(server.requests).toHaveLength(4);
  });

  it.each([
    ['another secret', { secretAccessKey: 'guessed' }],
    ['another key', { accessKeyId: 'AKIAOTHER' }],
    ['another session token', { sessionToken: 'old' }],
  ])('refuses %s', async (_what, changed) => {
    const server = await start({ ...scripts, credentials });
    const client = new BedrockAgentRuntimeClient({
      ...server.clientConfig,
      credentials: { ...credentials, ...changed },
    });
    const input = { agentId: 'A1', agentAliasId: 'L1', sessionId: 's1', inputText: 'Hi' };
    const attempt = client.send(new InvokeAgentCommand(input));
    await expect(attempt).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    expect(server.requests).toHaveLength(0);
  });

  it('refuses a request that was changed on its way, one that is old and one that is not signed', () => {
    const request = {
      method: 'POST',
      target: '/model/m/converse-stream',
      headers: {
        host: 'localhost',
        'x-amz-date': '20260102T030405Z',
        'x-amz-security-token': 'the token',
        authorization: `AWS4-HMAC-SHA256 Credential=AKIATEST/20260102/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
      },
      body: Buffer.from('{}'),
    };
    const now = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(checkSignature(request, credentials, 'bedrock', now)).toMatch(/does not match/);
    expect(checkSignature(request, credentials, 'bedrock', now + 600_000)).toBe(
      'Signature expired',
    );
    expect(checkSignature({ ...request, headers: {} }, credentials, 'bedrock', now)).toBe(
      'Missing Authentication Token',
    );
  });
});
