// The idiom of AWS's documentation. A failing source ends the runtime process.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { askedBy, eventStream, events, frame } from './source.mjs';

async function* frames(asked) {
  for await (const item of events(asked)) yield frame(item);
}

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const metadata = { statusCode: 200, headers: eventStream };
  const body = Readable.from(frames(askedBy(event.body)));
  await pipeline(body, awslambda.HttpResponseStream.from(stream, metadata));
});
