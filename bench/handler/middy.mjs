import { Readable } from 'node:stream';
import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import { askedBy, eventStream, events, frame } from './source.mjs';

async function* frames(asked) {
  for await (const item of events(asked)) yield frame(item);
}

export const handler = middy({ executionMode: executionModeStreamifyResponse }).handler(
  async (event) => ({
    statusCode: 200,
    headers: eventStream,
    body: Readable.from(frames(askedBy(event.body))),
  }),
);
