import { AgentStreamError, streamHandler } from '@magi/lambda-stream';
import { authorizeCallers } from './authorize-callers';
import { askCouncil } from './council';
import { readEnvironment } from './environment';
import { sessionIdFor } from './session-id';
import { askThrough } from './sources/ask-through';

const { source, agent, callers, council } = readEnvironment(process.env);
const ask = askThrough(source);

function asksCouncil(forwardedProps: unknown): boolean {
  return Reflect.get(Object(forwardedProps), 'mode') === 'council';
}

export const handler = streamHandler(
  ({ input, principal, signal }) => {
    const sessionId = sessionIdFor(principal?.sub, input.threadId);
    if (!asksCouncil(input.forwardedProps))
      return ask({ agent, role: 'assistant', input, sessionId, signal });
    if (!council) {
      throw new AgentStreamError('This deployment has no council', { code: 'NO_COUNCIL' });
    }
    return askCouncil(ask, council, { input, sessionId, signal });
  },
  { authorize: authorizeCallers(callers) },
);
