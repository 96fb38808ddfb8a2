import {
  type AgentClient,
  type AgentRun,
  type RunOptions,
  type RunResult,
  type SerializedConversation,
  type ToolCallView,
  toMessages,
} from '@magi/stream-client';
import type {
  AgentEvent,
  RunAgentInput,
  RunFinishedEvent,
  TokenUsage,
  Tool,
} from '@magi/stream-protocol';
import type { ClientTools } from './agent-tool';

/** What the agent is told about the tools of the page. */
export function toolDeclarations(tools: ClientTools): Tool[] {
  return Object.entries(tools).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: parameters ?? { type: 'object', properties: {} },
  }));
}

async function answer(
  call: ToolCallView,
  tools: ClientTools,
  signal: AbortSignal,
  stopped: Promise<unknown>,
): Promise<AgentEvent> {
  const tool = tools[call.name];
  let content: string;
  try {
    const written: unknown = JSON.parse(call.argumentsText || '{}');
    const args = tool?.parse ? tool.parse(written) : written;
    // A tool may ignore its signal; the run that was stopped does not wait for it.
    const result = await Promise.race([
      tool?.execute(args, { toolCallId: call.id, signal }),
      stopped,
    ]);
    content = typeof result === 'string' ? result : (JSON.stringify(result) ?? 'null');
  } catch (error) {
    // The model can mend its call only when it reads what was wrong with it.
    content = `Tool failed: ${error instanceof Error ? error.message : String(error)}`;
  }
  return {
    type: 'TOOL_CALL_RESULT',
    messageId: `${call.id}-result`,
    toolCallId: call.id,
    content,
    role: 'tool',
  };
}

/** The calls that this page has to answer: none, unless it can answer everything that the agent waits for. */
function callsToAnswer(
  mine: ReadonlyMap<string, ToolCallView>,
  { outcome }: RunFinishedEvent,
): ToolCallView[] {
  if (outcome && outcome.type !== 'success') return [];
  // An agent that names what it waits for has taken care of the rest.
  const asked = [...new Set(outcome?.pendingToolCallIds ?? mine.keys())];
  const calls = asked.flatMap((id) => mine.get(id) ?? []);
  return calls.length === asked.length ? calls : [];
}

/**
 * Runs `input`, executes the client tools that the agent calls, and asks again with their results: to the reader it is one run.
 *
 * Each round is a POST of its own; there are at most `maxRounds` after the first. What they say is read from the conversation,
 * which has applied every event that was yielded.
 */
export function runWithTools(
  client: AgentClient,
  input: Partial<RunAgentInput>,
  options: RunOptions,
  tools: ClientTools,
  maxRounds: number,
  read: () => Pick<SerializedConversation, 'messages' | 'state'>,
): AgentRun {
  const stopping = new AbortController();
  const { signal } = stopping;
  const { onPhase, ...rest } = options;
  const abort = () => stopping.abort();
  rest.signal?.addEventListener('abort', abort);
  const stop = new Promise<void>((resolve) => {
    signal.onabort = () => resolve();
  });
  // The end of one round is not the end of the run.
  const legOptions: RunOptions = {
    ...rest,
    onPhase: (phase) => {
      if (phase !== 'ended') onPhase?.(phase);
    },
  };
  const asked = { ...input, tools: [...toolDeclarations(tools), ...(input.tools ?? [])] };
  const first = client.run(asked, legOptions);
  const { threadId, runId } = first;
  let current = first;
  let iterator: AsyncGenerator<AgentEvent, void> | undefined;
  let settle: (result: RunResult | Promise<RunResult>) => void;
  const result = new Promise<RunResult>((resolve) => {
    settle = resolve;
  });
  result.catch(() => {}); // who iterates sees the failure there

  /** The conversation puts the run's id before what an earlier round has called so. */
  const plain = (id: string) => id.split(`${runId}/`).at(-1);
  /** Those of the calls with these ids that have no answer and that this page has a tool for. */
  function unanswered(ids: Iterable<string>): Map<string, ToolCallView> {
    const mine = new Map<string, ToolCallView>();
    const all = read().messages.flatMap(({ toolCalls }) => toolCalls);
    for (const id of ids) {
      const call = all.findLast((call) => plain(call.id) === plain(id));
      if (call && call.result === undefined && Object.hasOwn(tools, call.name)) mine.set(id, call);
    }
    return mine;
  }
  /** The next round begins its messages and calls anew, whatever it calls them. */
  function* closeRound(): Generator<AgentEvent> {
    for (const { id: messageId, role, state, toolCalls } of read().messages) {
      for (const { id: toolCallId, state } of toolCalls) {
        if (state === 'streaming') yield { type: 'TOOL_CALL_END', toolCallId };
      }
      if (state === 'streaming' && role !== 'activity') {
        yield {
          type: role === 'reasoning' ? 'REASONING_MESSAGE_END' : 'TEXT_MESSAGE_END',
          messageId,
        };
      }
    }
  }
  async function* events(): AsyncGenerator<AgentEvent, void> {
    const usage: TokenUsage[] = [];
    try {
      for (let round = 0; ; round++) {
        const called = new Set<string>();
        let finished: RunFinishedEvent | undefined;
        for await (const event of current) {
          if (event.type === 'RUN_FINISHED') finished = event;
          else if (event.type !== 'RUN_STARTED' || round === 0) {
            if ('toolCallId' in event && event.toolCallId) called.add(event.toolCallId);
            yield event;
          }
        }
        if (!finished) break;
        usage.push(...(finished.usage ?? []));
        const mayAnswer = !signal.aborted && round < maxRounds;
        const calls = mayAnswer ? callsToAnswer(unanswered(called), finished) : [];
        if (!calls.length) {
          yield { ...finished, runId, ...(usage.length && { usage }) };
          break;
        }
        yield* closeRound();
        for (const answered of calls.map((call) => answer(call, tools, signal, stop))) {
          yield await answered;
        }
        if (signal.aborted) break;
        const { resume: _answered, runId: _first, ...again } = asked;
        const { messages, state } = read();
        current = client.run(
          {
            ...again,
            threadId,
            parentRunId: current.runId,
            messages: toMessages(messages),
            state,
          },
          legOptions,
        );
      }
    } finally {
      rest.signal?.removeEventListener('abort', abort);
      abort();
      settle(current.result.then((last) => ({ ...last, runId, usage })));
      onPhase?.('ended');
    }
  }
  const start = () => {
    iterator ??= events();
    return iterator;
  };

  return {
    threadId,
    runId,
    get lastEventId() {
      // The conversation knows the run by its first id; event IDs of another run would resume the wrong one.
      return current === first ? first.lastEventId : '';
    },
    get stats() {
      return current.stats;
    },
    result,
    text: () => current.text(),
    async cancel() {
      abort();
      await current.cancel();
    },
    [Symbol.asyncIterator]: start,
  };
}
