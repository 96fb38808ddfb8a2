import { Hono } from 'hono';
import { streamHandle } from 'hono/aws-lambda';
import { streamSSE } from 'hono/streaming';
import { askedBy, events } from './source.mjs';

const app = new Hono();
app.post('/', async (context) => {
  const asked = askedBy(await context.req.text());
  return streamSSE(context, async (stream) => {
    for await (const item of events(asked)) await stream.writeSSE({ data: JSON.stringify(item) });
  });
});

export const handler = streamHandle(app);
