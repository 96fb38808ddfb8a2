import type {
  AgentEvent,
  AgentEventOf,
  RunOutcome,
  SubagentOutcome,
  TokenUsage,
} from '@magi/stream-protocol';
import { createChunkExpander } from '@magi/stream-protocol';
import type { Attributes, Context, Tracer } from '@opentelemetry/api';
import { SpanKind } from '@opentelemetry/api';
import { isObject } from '../check-options';
import { GEN_AI, usageAttributes } from './attributes';
import type { Instruments } from './instruments';
import type { Operation } from './operation';
import { startOperation } from './operation';

/** Turns the events of one run into the operations inside it: agents and tools. */
export interface RunOperations {
  take(event: AgentEvent): void;
  /** Ends what is still going on: what the run left open failed with it, or was left unfinished. */
  endAll(errorType: string | undefined): void;
}

interface AgentOperation extends Operation {
  text: string;
}

interface ToolOperation extends Operation {
  /** When its arguments were complete: its end, if no result comes. */
  calledAt: number | undefined;
  arguments: string;
}

/** How much content of one agent or tool a span takes, in UTF-16 code units. */
const MAX_CONTENT_CHARS = 16_384;

export function createRunOperations(
  tracer: Tracer,
  instruments: Instruments,
  run: Operation,
  options: { name: string | undefined; common: Attributes; captureContent: boolean },
): RunOperations {
  const { name, common, captureContent } = options;
  const agents = new Map<string, AgentOperation>();
  const tools = new Map<string, ToolOperation>();
  /** The run inside the run that the parent agent is doing, once it says something of its own. */
  let own: AgentOperation | undefined;
  let ownStartedAt: number | undefined;
  const expand = createChunkExpander();
  /** The subagents of open messages: what continues one may leave its owner out. */
  const speakers = new Map<string, string | undefined>();

  function startAgent(
    agentName: string | undefined,
    parent: Context,
    startedAt: number,
  ): AgentOperation {
    const operation = startOperation(tracer, instruments, {
      name: agentName === undefined ? 'invoke_agent' : `invoke_agent ${agentName}`,
      kind: SpanKind.CLIENT,
      parent,
      attributes: {
        ...common,
        [GEN_AI.operation]: 'invoke_agent',
        ...(agentName !== undefined && { [GEN_AI.agent]: agentName }),
      },
      details: { [GEN_AI.stream]: true },
      startedAt,
      duration: instruments.agentDuration,
    });
    return { ...operation, text: '' };
  }

  function endAgent(agent: AgentOperation, { errorType, outcome, usage }: AgentEnding): void {
    const finish_reason = finishReason(outcome, errorType);
    const parts = [{ type: 'text', content: agent.text }];
    const content = JSON.stringify([{ role: 'assistant', parts, finish_reason }]);
    agent.end(performance.now(), errorType, {
      ...usageAttributes(usage ?? []),
      [GEN_AI.finishReasons]: [finish_reason],
      ...(captureContent && agent.text !== '' && { [GEN_AI.outputMessages]: content }),
    });
  }

  function agentOf(owner: string | undefined): AgentOperation | undefined {
    if (owner !== undefined) return agents.get(owner);
    if (own === undefined && ownStartedAt !== undefined) {
      own = startAgent(name, run.context, ownStartedAt);
    }
    return own;
  }

  function takeText(owner: string | undefined, delta: string): void {
    if (delta === '') return;
    const agent = agentOf(owner);
    const now = performance.now();
    agent?.chunk(now);
    // The run's own figure is what its reader waits for: the first text of any agent.
    run.chunk(now, agent === undefined);
    if (captureContent && agent !== undefined) agent.text = clip(agent.text + delta);
  }

  function startTool(event: {
    toolCallId: string;
    toolCallName: string;
    subagentRunId?: string;
  }): void {
    const { toolCallId, toolCallName, subagentRunId } = event;
    // Some models use an id again, for the next call.
    endTool(toolCallId, tools.get(toolCallId)?.calledAt);
    const operation = startOperation(tracer, instruments, {
      name: `execute_tool ${toolCallName}`,
      kind: SpanKind.INTERNAL,
      parent: (agentOf(subagentRunId) ?? run).context,
      attributes: { ...common, [GEN_AI.operation]: 'execute_tool', [GEN_AI.tool]: toolCallName },
      details: { [GEN_AI.toolCall]: toolCallId },
      startedAt: performance.now(),
      duration: instruments.toolDuration,
    });
    tools.set(toolCallId, { ...operation, calledAt: undefined, arguments: '' });
  }

  function endTool(toolCallId: string, now = performance.now(), result?: unknown): void {
    const tool = tools.get(toolCallId);
    tools.delete(toolCallId);
    tool?.end(now, undefined, {
      ...(captureContent && { [GEN_AI.toolArguments]: tool.arguments }),
      ...(captureContent &&
        result !== undefined && {
          [GEN_AI.toolResult]: clip(typeof result === 'string' ? result : JSON.stringify(result)),
        }),
    });
  }

  function takeWhole(event: AgentEvent): void {
    switch (event.type) {
      case 'RUN_STARTED':
        ownStartedAt = performance.now();
        break;
      case 'RUN_FINISHED':
      case 'RUN_ERROR':
        if (own !== undefined) endAgent(own, { ...endingOf(event), usage: event.usage });
        own = undefined;
        ownStartedAt = undefined;
        break;
      case 'SUBAGENT_STARTED': {
        const parent = agents.get(event.parentSubagentRunId ?? '') ?? own ?? run;
        agents.set(event.subagentRunId, startAgent(event.name, parent.context, performance.now()));
        break;
      }
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR': {
        const agent = agents.get(event.subagentRunId);
        agents.delete(event.subagentRunId);
        const usage: unknown = event.metadata?.usage;
        // Anybody's metadata: of another shape it says nothing here.
        const known = Array.isArray(usage) ? usage.filter(isObject) : [];
        if (agent !== undefined) endAgent(agent, { ...endingOf(event), usage: known });
        break;
      }
      case 'TEXT_MESSAGE_START':
        speakers.set(event.messageId, event.subagentRunId);
        break;
      case 'TEXT_MESSAGE_CONTENT':
        takeText(event.subagentRunId ?? speakers.get(event.messageId), event.delta);
        break;
      case 'TEXT_MESSAGE_END':
        speakers.delete(event.messageId);
        break;
      case 'TOOL_CALL_START':
        startTool(event);
        break;
      case 'TOOL_CALL_ARGS': {
        const tool = tools.get(event.toolCallId);
        if (captureContent && tool) tool.arguments = clip(tool.arguments + event.delta);
        break;
      }
      case 'TOOL_CALL_END': {
        const tool = tools.get(event.toolCallId);
        if (tool) tool.calledAt = performance.now();
        break;
      }
      case 'TOOL_CALL_RESULT':
        endTool(event.toolCallId, performance.now(), event.content);
        break;
      default:
    }
  }

  return {
    take(event) {
      let whole: AgentEvent[];
      try {
        whole = expand(event);
      } catch {
        // The run is about to fail for it.
        return;
      }
      for (const each of whole) takeWhole(each);
    },
    endAll(errorType) {
      for (const [toolCallId, { calledAt }] of tools) endTool(toolCallId, calledAt);
      for (const agent of [...agents.values()].reverse()) {
        endAgent(agent, { errorType: errorType ?? 'RUN_ENDED' });
      }
      if (own !== undefined) endAgent(own, { errorType });
    },
  };
}

/** How an agent's part ended. */
interface AgentEnding {
  /** It failed. */
  errorType?: string | undefined;
  outcome?: RunOutcome['type'] | SubagentOutcome['type'] | undefined;
  usage?: readonly TokenUsage[] | undefined;
}

function endingOf(
  event: AgentEventOf<'RUN_FINISHED' | 'RUN_ERROR' | 'SUBAGENT_FINISHED' | 'SUBAGENT_ERROR'>,
): AgentEnding {
  const { type } = event;
  if (type === 'RUN_ERROR' || type === 'SUBAGENT_ERROR') return { errorType: event.code ?? type };
  return { outcome: event.outcome?.type };
}

/** AG-UI's outcomes in the words of the conventions, where these have one. */
export function finishReason(
  outcome: AgentEnding['outcome'],
  errorType: string | undefined,
): string {
  if (errorType !== undefined) return 'error';
  if (outcome === 'suspended') return 'interrupt';
  return outcome === undefined || outcome === 'success' ? 'stop' : outcome;
}

function clip(text: string): string {
  return text.length > MAX_CONTENT_CHARS ? text.slice(0, MAX_CONTENT_CHARS) : text;
}
