import { streamHandler } from '@magi/lambda-stream';

/** Answers as many megabytes of text as `forwardedProps.megabytes` says, in deltas of 10 kB. */
export const handler = streamHandler(
  async function* ({ input }) {
    const { megabytes } = input.forwardedProps as { megabytes: number };
    const delta = 'x'.repeat(10_000);
    for (let sent = 0; sent < megabytes * 1e6; sent += delta.length) yield delta;
  },
  { authorize: null, pace: false },
);
