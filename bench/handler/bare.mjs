// The floor: what one would write by hand. Serialise, write, await drain; no validation, no errors, no deadline.
import { once } from 'node:events';
import { askedBy, eventStream, events, frame } from './source.mjs';

export const handler = async (event, stream) => {
  stream.setContentType('application/vnd.awslambda.http-integration-response');
  stream.write(`${JSON.stringify({ statusCode: 200, headers: eventStream })}${'\0'.repeat(8)}`);
  for await (const item of events(askedBy(event.body))) {
    if (!stream.write(frame(item))) await once(stream, 'drain');
  }
  stream.end();
};
handler[Symbol.for('aws.lambda.runtime.handler.streaming')] = 'response';
