// Every feature on: authorization, validation, lifecycle, keep-alive, deadline, error reporting.
import { streamHandler } from '@magi/lambda-stream';
import { events } from './source.mjs';

const run = ({ input }) => {
  const { deltas, firstDelayMs, deltaBytes } = input.forwardedProps;
  const deltaText = deltaBytes === undefined ? undefined : 'x'.repeat(deltaBytes);
  return events({ deltas, firstDelayMs, ...(deltaText === undefined ? {} : { deltaText }) });
};
const authorize = ({ headers }) => ({ host: headers.host });

export const unpaced = streamHandler(run, { authorize, pace: false, onRunEnd: () => undefined });
export const paced = streamHandler(run, { authorize, onRunEnd: () => undefined });
