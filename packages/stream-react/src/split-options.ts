import type { AgentClientOptions, ConversationOptions } from '@magi/stream-client';
import type { OwnConversationOptions } from './agent-stream-types';

const CONNECTION: readonly string[] = [
  'url',
  'auth',
  'fetch',
  'clock',
  'headers',
  'timeouts',
  'maxEventBytes',
  'reconnect',
  'onUnknown',
] satisfies (keyof AgentClientOptions)[];

/** What the hook looks after itself, or adds to each run. */
const BEHAVIOUR: readonly string[] = [
  'client',
  'conversation',
  'onUnmount',
  'updates',
  'resumeOnMount',
  'tools',
  'maxToolRounds',
  'context',
  'forwardedProps',
  'persist',
] satisfies (keyof OwnConversationOptions)[];

function pick(options: object, isWanted: (name: string) => boolean): object {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && isWanted(name)),
  );
}

/** The options that `createAgentClient` takes. */
export function connectionOptions(options: OwnConversationOptions): AgentClientOptions {
  return pick(options, (name) => CONNECTION.includes(name)) as AgentClientOptions;
}

/** Everything else, for `createConversation`: it rejects what nobody knows. */
export function conversationOptions<TState>(
  options: OwnConversationOptions<TState>,
): Omit<ConversationOptions<TState>, 'client'> {
  return pick(
    options,
    (name) => name === 'clock' || !(CONNECTION.includes(name) || BEHAVIOUR.includes(name)),
  );
}
