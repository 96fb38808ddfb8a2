import type { WireFormat } from '../wire-format';
import { createUiEncoder } from './ui-encoder';
import { uiRequest } from './ui-request';

/**
 * Makes a handler speak the Vercel AI SDK's UI message stream, so that `useChat` talks to it unchanged: AI SDK 6 and 7, of
 * which only what both understand is sent.
 *
 * Your run stays as it is: it gets a `RunAgentInput` and yields text and AG-UI events. The chat's `id` is the `threadId`. What
 * you add to the body is in `forwardedProps`, but for `state`, `context`, `tools` and `resume`, which have their own fields.
 *
 * | AG-UI | becomes |
 * |---|---|
 * | text, reasoning | `text`, `reasoning`; a subagent's with its id in `providerMetadata.magi.subagentRunId` |
 * | tool calls and results | `dynamic-tool` |
 * | `magi.citation`, `magi.file` | `source-url` or `source-document`, and `data-citation`; `file` |
 * | subagents | `data-subagent`, one for each |
 * | an interrupt | `data-interrupt`, and for a confirmation an approval request. `addToolOutput` and `addToolApprovalResponse` answer it |
 * | a custom event `name` | `data-name`, without "magi."; `magi.trace` is transient |
 * | usage | `message.metadata.usage`, beside `threadId` and `runId` |
 * | RUN_ERROR | the chat's `error`, and `message.metadata.errorCode` |
 * | everything else | a transient `data-…` part named after the event, such as `data-state-delta`, which `onData` gets |
 *
 * Not promised, because that client cannot: a stream that was cut is not noticed, and looks like a short answer. Nothing is
 * resumed: `resume: true` gets 405.
 *
 * @example
 * ```ts
 * import { lastUserText, streamHandler } from '@magi/lambda-stream';
 * import { uiMessageStream } from '@magi/lambda-stream/ai-sdk';
 *
 * export const handler = streamHandler(
 *   async function* ({ input }) {
 *     yield `You asked: ${lastUserText(input)}`;
 *   },
 *   { authorize: null, wireFormat: uiMessageStream() },
 * );
 * // The page: useChat({ transport: new DefaultChatTransport({ api: url }) })
 * ```
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#data-stream-protocol
 */
export function uiMessageStream(): WireFormat {
  return {
    request: uiRequest,
    headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
    createEncoder: createUiEncoder,
  };
}
