import type { AgentClient, AgentRun, RunOptions, RunResult } from '@magi/stream-client';
import type {
  AgentEvent,
  RunAgentInput,
  RunFinishedEvent,
  TokenUsage,
  Tool,
  ToolCall,
} from '@magi/stream-protocol';
import type { ClientTools } from './agent-tool';
import { createRunTranscript } from './run-transcript';

/** What the agent is told about the tools of the page. */
export function toolDeclarations(tools: ClientTools): Tool[] {
  return Object.entries(tools).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: parameters ?? { type: 'object', properties: {} },
  }));
}

async function answer(
  call: ToolCall,
  tools: ClientTools,
  signal: AbortSignal,
  stopped: Promise<unknown>,
): Promise<AgentEvent> {
  const tool = tools[call.function.name];
  let content: string;
  try {
    const written: unknown = JSON.parse(call.function.arguments || '{}');
    const args = tool?.parse ? tool.parse(written) : written;
    // A tool may ignore its signal; the run that was stopped does not wait for it.
    const result = await Promise.race([
      tool?.execute(args, { toolCallId: call.id, signal }),
      stopped,
    ]);
    content = typeof result === 'string' ? result : JSON.stringify(result ?? null);
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
  unanswered: ToolCall[],
  finished: RunFinishedEvent,
  tools: ClientTools,
): ToolCall[] {
  const { outcome } = finished;
  if (outcome && outcome.type !== 'success') return [];
  const isMine = (call: ToolCall) => Object.hasOwn(tools, call.function.name);
  const pending = outcome?.pendingToolCallIds;
  // An agent that names what it waits for has taken care of the rest.
  if (!pending) return unanswered.filter(isMine);
  const asked = unanswered.filter((call) => pending.includes(call.id) && isMine(call));
  return asked.length === new Set(pending).size ? asked : [];
}

/**
 * Runs `input`, executes the client tools that the agent calls, and asks again with their results: to the reader it is one run.
 *
 * Each round is a POST of its own; there are at most `maxRounds` after the first.
 */
export function runWithTools(
  client: AgentClient,
  input: Partial<RunAgentInput>,
  options: RunOptions,
  tools: ClientTools,
  maxRounds: number,
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

  async function* events(): AsyncGenerator<AgentEvent, void> {
    const usage: TokenUsage[] = [];
    let messages = input.messages ?? [];
    try {
      for (let round = 0; ; round++) {
        const transcript = createRunTranscript();
        let finished: RunFinishedEvent | undefined;
        for await (const event of current) {
          if (event.type === 'RUN_FINISHED') finished = event;
          else if (event.type !== 'RUN_STARTED' || round === 0) {
            transcript.add(event);
            yield event;
          }
        }
        if (!finished) break;
        usage.push(...(finished.usage ?? []));
        const mayAnswer = !signal.aborted && round < maxRounds;
        const calls = mayAnswer ? callsToAnswer(transcript.unanswered(), finished, tools) : [];
        if (!calls.length) {
          yield { ...finished, runId, ...(usage.length && { usage }) };
          break;
        }
        for (const answered of calls.map((call) => answer(call, tools, signal, stop))) {
          const event = await answered;
          transcript.add(event);
          yield event;
        }
        if (signal.aborted) break;
        messages = [...messages, ...transcript.messages];
        const { resume: _answered, runId: _first, ...again } = asked;
        current = client.run(
          { ...again, threadId, parentRunId: current.runId, messages },
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
