import { Readable } from 'node:stream';
import { Router, streamify } from '@aws-lambda-powertools/event-handler/http';
import { askedBy, eventStream, events, frame } from './source.mjs';

async function* frames(asked) {
  for await (const item of events(asked)) yield frame(item);
}

const app = new Router();
app.post('/', async ({ req }) => ({
  statusCode: 200,
  headers: eventStream,
  body: Readable.from(frames(askedBy(await req.text()))),
}));

export const handler = streamify(app);
