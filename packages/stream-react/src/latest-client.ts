import {
  type AgentClient,
  type AgentClientOptions,
  type AgentRun,
  createAgentClient,
  type RunOptions,
} from '@magi/stream-client';
import type { OwnConversationOptions } from './agent-stream-types';
import { runWithTools } from './client-tools';
import { connectionOptions } from './split-options';

const DEFAULT_MAX_TOOL_ROUNDS = 8;

/** An `AgentClient` that can let go of its runs without ending them. */
export interface LatestClient extends AgentClient {
  /** Drops every connection; the runs go on at the server. */
  detach(): void;
}

function sameFields<T extends object>(a: T, b: T): boolean {
  const names = Object.keys({ ...a, ...b }) as (keyof T)[];
  return names.every((name) => Object.is(a[name], b[name]));
}

/**
 * A client that reads its options anew for each run, so that a component may write `auth`, `headers` and `tools` inline:
 * a render changes what the next run uses, and nothing about the one that is going on.
 */
export function createLatestClient(latest: () => OwnConversationOptions): LatestClient {
  const detaching = new AbortController();
  let made: { options: AgentClientOptions; client: AgentClient } | undefined;

  function client(): AgentClient {
    const options = latest();
    if (options.client) return options.client;
    const connection = connectionOptions(options);
    if (!made || !sameFields(made.options, connection)) {
      made = { options: connection, client: createAgentClient(connection) };
    }
    return made.client;
  }

  function detachable(run: AgentRun): AgentRun {
    const cancel = run.cancel.bind(run);
    // Assigned, not wrapped: one more async iterator in the path would cost a promise for each event.
    run.cancel = () => (detaching.signal.aborted ? Promise.resolve() : cancel());
    return run;
  }

  // The conversation ends its runs with `cancel()`; it gives no signal of its own that would have to be combined with this one.
  const abortable = (options?: RunOptions): RunOptions => ({
    signal: detaching.signal,
    ...options,
  });

  client(); // wrong options are told while rendering, not by the first run

  return {
    get url() {
      return latest().url ?? client().url;
    },
    run(input, runOptions) {
      const { tools, maxToolRounds = DEFAULT_MAX_TOOL_ROUNDS, context, forwardedProps } = latest();
      const options = abortable(runOptions);
      if (typeof input === 'string') return detachable(client().run(input, options));
      const whole = {
        ...input,
        ...(context && !input.context?.length ? { context: [...context] } : {}),
        ...(forwardedProps !== undefined && input.forwardedProps === undefined
          ? { forwardedProps }
          : {}),
      };
      return detachable(
        tools
          ? runWithTools(client(), whole, options, tools, maxToolRounds)
          : client().run(whole, options),
      );
    },
    resume: (reference, runOptions) =>
      detachable(client().resume(reference, abortable(runOptions))),
    detach: () => detaching.abort(),
  };
}
