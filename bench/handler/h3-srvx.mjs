import { createEventStream, H3 } from 'h3';
import { handleLambdaEventWithStream } from 'srvx/aws-lambda';
import { askedBy, events } from './source.mjs';

const app = new H3();
app.post('/', async (event) => {
  const asked = askedBy(await event.req.text());
  const stream = createEventStream(event);
  const push = async () => {
    for await (const item of events(asked)) await stream.push(JSON.stringify(item));
    await stream.close();
  };
  push();
  return stream.send();
});

export const handler = awslambda.streamifyResponse((event, stream, context) =>
  handleLambdaEventWithStream(app.fetch, event, stream, context),
);
