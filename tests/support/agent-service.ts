import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { lastUserText, streamHandler } from '@magi/lambda-stream';
import { invokeAgent } from '@magi/lambda-stream/bedrock-agent';
import { startFunctionUrl } from '@magi/lambda-stream/local';
import { type Bedrock, type BedrockScripts, startBedrock } from '@magi/lambda-stream/testing';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export interface AgentService {
  /** The function URL. */
  readonly url: string;
  readonly bedrock: Bedrock;
  close(): Promise<void>;
}

/** The question that the scripts below answer with exactly this text. */
export const japaneseAnswer = '東京の天気は晴れです。👨‍👩‍👧‍👦 家族で出かけましょう。';

export const scripts: BedrockScripts = {
  ENGLISH: ['The ', 'answer ', 'is ', '42.'],
  JAPANESE: [...(japaneseAnswer.match(/.{1,3}/gsu) ?? [])],
  CITED: [
    {
      chunk: {
        bytes: Buffer.from('Water boils at 100 °C.'),
        attribution: {
          citations: [
            {
              generatedResponsePart: {
                textResponsePart: { text: 'Water boils', span: { start: 0, end: 10 } },
              },
              retrievedReferences: [
                {
                  content: { text: 'At sea level water boils at 100 °C.' },
                  location: { type: 'WEB', webLocation: { url: 'https://example.com/water' } },
                  metadata: {},
                },
              ],
            },
          ],
        },
      },
    },
  ],
  // Ends when the client goes away.
  SLOW: async function* () {
    for (;;) {
      yield 'tick ';
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  },
};

/** The smallest real deployment: the README's handler behind a function URL, the unmodified SDK, a scripted Bedrock. */
export async function startAgentService(
  agentId: string,
  options: { transport?: 'http1' | 'http2'; agents?: BedrockScripts } = {},
): Promise<AgentService> {
  const bedrock = await startBedrock({ agents: options.agents ?? scripts });
  const client = new BedrockAgentRuntimeClient({
    ...bedrock.clientConfig,
    ...(options.transport === 'http1' ? { requestHandler: new NodeHttpHandler() } : {}),
  });
  const handler = streamHandler(
    ({ input, signal }) =>
      invokeAgent(
        client,
        {
          agentId,
          agentAliasId: 'ALIAS12345',
          sessionId: input.threadId,
          inputText: lastUserText(input),
        },
        { signal },
      ),
    { authorize: null, onError: () => undefined },
  );
  const { url, close } = await startFunctionUrl(handler, { port: 0 });
  return {
    url,
    bedrock,
    close: async () => {
      await close();
      client.destroy();
      await bedrock.close();
    },
  };
}
