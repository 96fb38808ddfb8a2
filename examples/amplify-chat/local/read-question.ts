import { lastUserText, type RunRequest } from '@magi/lambda-stream';
import type { BedrockRequest } from '@magi/lambda-stream/testing';
import type { LocalQuestion } from './agent-step';

type AskedBy = Pick<BedrockRequest, 'operation' | 'resourceId' | 'params' | 'headers' | 'body'>;

interface ConverseBody {
  readonly messages?: readonly {
    readonly role?: string;
    readonly content?: readonly { readonly text?: string }[];
  }[];
  readonly requestMetadata?: { readonly session?: string };
}

function readConverse(body: ConverseBody): Pick<LocalQuestion, 'text' | 'sessionId'> {
  const blocks = body.messages?.findLast(({ role }) => role === 'user')?.content ?? [];
  // Questions that were never answered share one message; the newest is its last block.
  const text = blocks.findLast((block) => block.text !== undefined)?.text ?? '';
  return { text, sessionId: body.requestMetadata?.session ?? '' };
}

/** Reads what is asked out of a request of InvokeAgent, ConverseStream or, as AG-UI, InvokeAgentRuntime. */
export function readQuestion({
  operation,
  resourceId,
  params,
  headers,
  body,
}: AskedBy): LocalQuestion {
  // The last segment of a runtime's ARN, all of any other id.
  const agent = resourceId.split('/').at(-1) ?? '';
  switch (operation) {
    case 'ConverseStream':
      return { agent, ...readConverse((body ?? {}) as ConverseBody) };
    case 'InvokeAgentRuntime':
      return {
        agent,
        text: lastUserText((body ?? { messages: [] }) as unknown as RunRequest['input']),
        sessionId: headers['x-amzn-bedrock-agentcore-runtime-session-id'] ?? '',
      };
    default: {
      const text = body?.inputText;
      const sessionId = params.sessionId ?? '';
      return { agent, text: typeof text === 'string' ? text : '', sessionId };
    }
  }
}
