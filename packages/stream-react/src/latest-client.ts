import {
  type AgentClient,
  type AgentClientOptions,
  createAgentClient,
  type RunOptions,
  type SerializedConversation,
} from '@magi/stream-client';
import type { OwnConversationOptions } from './agent-stream-types';
import { runWithTools } from './client-tools';
import { splitOptions } from './split-options';

const DEFAULT_MAX_TOOL_ROUNDS = 8;

/**
 * A client that reads its options anew for each run, so that a component may write `auth`, `headers` and `tools` inline:
 * a render changes what the next run uses, and nothing about the one that is going on.
 *
 * @param detached - aborting it drops every connection; the runs go on at the server.
 * @param read - returns what the conversation says at this moment.
 */
export function createLatestClient(
  latest: () => OwnConversationOptions,
  detached: AbortSignal,
  read: () => SerializedConversation,
): AgentClient {
  let connection: AgentClientOptions;
  let made: AgentClient | undefined;

  function client(): AgentClient {
    const options = latest();
    if (options.client) return options.client;
    const next = splitOptions(options).connection;
    const isSame =
      made &&
      Object.entries(next).every(
        ([name, value]) => value === connection[name as keyof AgentClientOptions],
      );
    connection = next;
    made = made && isSame ? made : createAgentClient(next);
    return made;
  }

  client(); // wrong options are told while rendering, not by the first run

  return {
    get url() {
      return client().url;
    },
    run(input, runOptions) {
      const {
        tools,
        maxToolRounds = DEFAULT_MAX_TOOL_ROUNDS,
        context = [],
        forwardedProps,
      } = latest();
      const options: RunOptions = { signal: detached, ...runOptions };
      if (typeof input === 'string') return client().run(input, options);
      const whole = {
        ...input,
        context: input.context?.length ? input.context : [...context],
        forwardedProps: input.forwardedProps ?? forwardedProps,
      };
      return tools
        ? runWithTools(client(), whole, options, tools, maxToolRounds, read)
        : client().run(whole, options);
    },
    resume: (reference, runOptions) =>
      client().resume(reference, { signal: detached, ...runOptions }),
  };
}
