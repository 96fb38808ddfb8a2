/**
 * The same AG-UI run for every candidate: `deltas` text deltas of one message, as fast as they are taken, the first
 * event after `firstDelayMs`.
 */
export async function* events({ deltas, firstDelayMs = 0, deltaText = 'token 1234 ' }) {
  if (firstDelayMs > 0) await new Promise((resolve) => setTimeout(resolve, firstDelayMs));
  yield { type: 'RUN_STARTED', threadId: 'thread-1', runId: 'run-1' };
  yield { type: 'TEXT_MESSAGE_START', messageId: 'message-1' };
  for (let index = 0; index < deltas; index += 1) {
    yield { type: 'TEXT_MESSAGE_CONTENT', messageId: 'message-1', delta: deltaText };
  }
  yield { type: 'TEXT_MESSAGE_END', messageId: 'message-1' };
  yield { type: 'RUN_FINISHED', threadId: 'thread-1', runId: 'run-1' };
}

/** The text that the request asks for: `deltaBytes` wide deltas for the memory figure. */
export const askedBy = (body) => {
  const { deltas, firstDelayMs, deltaBytes } = JSON.parse(body).forwardedProps;
  return {
    deltas,
    firstDelayMs,
    ...(deltaBytes === undefined ? {} : { deltaText: 'x'.repeat(deltaBytes) }),
  };
};

export const frame = (event) => `data: ${JSON.stringify(event)}\n\n`;

export const eventStream = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
};
