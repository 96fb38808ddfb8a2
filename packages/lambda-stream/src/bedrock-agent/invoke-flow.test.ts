import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { afterEach, describe, expect, it } from 'vitest';
import { textOf, verifyRun } from '../sources/verify-run.fixture';
import type { Bedrock } from '../testing';
import { startBedrock } from '../testing';
import { invokeFlow } from './invoke-flow';

let bedrock: Bedrock | undefined;
afterEach(async () => {
  await bedrock?.close();
});

const input = {
  flowIdentifier: 'F1',
  flowAliasIdentifier: 'L1',
  inputs: [{ nodeName: 'In', nodeOutputName: 'document', content: { document: 'Weather?' } }],
};

describe('invokeFlow()', () => {
  it('ends with an interrupt when a node asks, and continues the same execution', async () => {
    bedrock = await startBedrock({
      flows: {
        F1: (request) =>
          request.attempt === 1
            ? [
                {
                  flowMultiTurnInputRequestEvent: {
                    nodeName: 'Agent',
                    nodeType: 'AgentNode',
                    content: { document: 'Which city?' },
                  },
                },
                { flowCompletionEvent: { completionReason: 'INPUT_REQUIRED' } },
              ]
            : ['Sunny.', { flowCompletionEvent: { completionReason: 'SUCCESS' } }],
      },
    });
    const client = new BedrockAgentRuntimeClient(bedrock.clientConfig);
    const asked = await verifyRun(invokeFlow(client, input));
    const finished = asked.at(-1);
    if (finished?.type !== 'RUN_FINISHED' || finished.outcome?.type !== 'interrupt') {
      throw new Error('Expected an interrupt');
    }
    expect(textOf(asked)).toBe('Which city?');
    expect(finished.outcome.interrupts).toMatchObject([
      { reason: 'input_required', message: 'Which city?' },
    ]);
    const { executionId } = finished.result as { executionId: string };

    const [interrupt] = finished.outcome.interrupts;
    const resume = [
      { interruptId: 'other-1a2b3c4d/q1', status: 'resolved' as const, payload: 'Osaka' },
      // As it is called behind a merge.
      {
        interruptId: `travel-1a2b3c4d/${interrupt?.id}`,
        status: 'resolved' as const,
        payload: 'Kyoto',
      },
    ];
    const events = await verifyRun(invokeFlow(client, input, { resume, threadId: 't1' }));
    expect(textOf(events)).toBe('Sunny.');
    expect(events[0]).toMatchObject({ threadId: 't1' });
    expect(bedrock.requests[1]?.body).toMatchObject({
      executionId,
      inputs: [
        { nodeName: 'Agent', nodeInputName: 'agentInputText', content: { document: 'Kyoto' } },
      ],
    });
  });

  it('refuses a damaged interrupt id at once', () => {
    const client = new BedrockAgentRuntimeClient({ region: 'us-east-1' });
    const resume = [{ interruptId: 'bedrock-flow-input.e30', status: 'resolved' as const }];
    expect(() => invokeFlow(client, input, { resume })).toThrow(
      expect.objectContaining({ code: 'INVALID_RESUME' }),
    );
  });
});
