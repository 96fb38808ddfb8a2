import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { expect, it } from 'vitest';
import { startBedrock } from '../testing';
import { endSession } from './end-session';

it('endSession() ends the session and reads the confirmation', async () => {
  const bedrock = await startBedrock({ agents: { A1: ['Session is terminated'] } });
  const client = new BedrockAgentRuntimeClient(bedrock.clientConfig);
  await endSession(client, { agentId: 'A1', agentAliasId: 'L1', sessionId: 's1' });
  bedrock.expectRequest({ params: { sessionId: 's1' }, body: { endSession: true } });
  await bedrock.requests[0]?.closed;
  expect(bedrock.openResponses).toBe(0);
  await bedrock.close();
});
