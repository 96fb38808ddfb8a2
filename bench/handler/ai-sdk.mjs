// Speaks its own UI message stream: the same deltas, in other events. srvx carries the Response into Lambda.
import { createUIMessageStream, createUIMessageStreamResponse } from 'ai';
import { handleLambdaEventWithStream } from 'srvx/aws-lambda';
import { askedBy, events } from './source.mjs';

const respond = async (request) => {
  const asked = askedBy(await request.text());
  const stream = createUIMessageStream({
    execute: async ({ writer }) => {
      for await (const item of events(asked)) {
        if (item.type === 'TEXT_MESSAGE_START') {
          writer.write({ type: 'text-start', id: item.messageId });
        } else if (item.type === 'TEXT_MESSAGE_CONTENT') {
          writer.write({ type: 'text-delta', id: item.messageId, delta: item.delta });
        } else if (item.type === 'TEXT_MESSAGE_END') {
          writer.write({ type: 'text-end', id: item.messageId });
        }
      }
    },
  });
  return createUIMessageStreamResponse({ stream });
};

export const handler = awslambda.streamifyResponse((event, stream, context) =>
  handleLambdaEventWithStream(respond, event, stream, context),
);
