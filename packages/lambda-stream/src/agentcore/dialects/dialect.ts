import { AgentStreamError } from '../../agent-stream-error';
import { isRecord } from '../../sources/is-record';
import type { FrameMapper } from '../../sources/run-upstream';
import { createAgUiMapper } from './ag-ui';
import { createLangGraphMapper } from './langgraph';
import { createPlainMapper } from './plain';
import { createStrandsMapper } from './strands';

/**
 * What the code inside an AgentCore runtime writes.
 *
 * - `ag-ui`: AG-UI events.
 * - `strands`: what `agent.stream_async()` of Strands yields, whole or in part.
 * - `converse`: Converse frames under `event` as one model writes them. The answer is complete at `messageStop`, also at one
 *   for a tool call; with `strands` and `auto` it is then expected to go on.
 * - `langgraph`: message chunks as `model_dump()` writes them.
 * - `plain`: text, or JSON objects with the text under a customary key.
 */
export type RuntimeDialect = 'ag-ui' | 'strands' | 'converse' | 'langgraph' | 'plain';

const MAPPERS: Readonly<Record<RuntimeDialect, () => FrameMapper<unknown>>> = {
  'ag-ui': createAgUiMapper,
  strands: createStrandsMapper,
  converse: () => createStrandsMapper({ endsAtMessageStop: true }),
  langgraph: createLangGraphMapper,
  plain: createPlainMapper,
};

export const RUNTIME_DIALECTS = Object.keys(MAPPERS) as readonly RuntimeDialect[];

/** A mapper for one dialect, or one that finds out from the values. */
export function createDialectMapper(dialect: RuntimeDialect | 'auto'): FrameMapper<unknown> {
  const chosen = dialect === 'auto' ? createDetectingMapper() : MAPPERS[dialect]();
  let isEmpty = true;
  return {
    map(value, emit) {
      failOnError(value);
      isEmpty &&= value === null || value === '';
      chosen.map(value, emit);
    },
    usage: () => chosen.usage?.() ?? {},
    // An agent that wrote nothing at all has not answered.
    finish: (emit) => (isEmpty ? undefined : chosen.finish(emit)),
  };
}

/** Takes values as plain ones until one tells its dialect. */
function createDetectingMapper(): FrameMapper<unknown> {
  let mapper = createPlainMapper();
  let isDetected = false;
  return {
    map(value, emit) {
      const dialect = isDetected ? undefined : detectDialect(value);
      if (dialect !== undefined) {
        mapper.finish(emit);
        mapper = MAPPERS[dialect]();
        isDetected = true;
      }
      mapper.map(value, emit);
    },
    usage: () => mapper.usage?.() ?? {},
    finish: (emit) => mapper.finish(emit),
  };
}

const AG_UI_TYPE =
  /^(RUN|STEP|TEXT_MESSAGE|TOOL_CALL|STATE|MESSAGES|ACTIVITY|REASONING|SUBAGENT)_|^(RAW|CUSTOM)$/;
const STRANDS_KEYS = [
  'init_event_loop',
  'start_event_loop',
  'current_tool_use',
  'event_loop_cycle_id',
];
const LANGGRAPH_TYPES = ['AIMessageChunk', 'ai', 'tool', 'human', 'ToolMessageChunk'];

/** Which dialect a value is certainly of. */
export function detectDialect(value: unknown): RuntimeDialect | undefined {
  // An event that the Python SDK could only print.
  if (typeof value === 'string' && value.startsWith("{'") && value.includes('<strands.'))
    return 'strands';
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (!isRecord(first)) return undefined;
  const { type } = first;
  if (typeof type === 'string') {
    if (AG_UI_TYPE.test(type)) return 'ag-ui';
    if (LANGGRAPH_TYPES.includes(type) && 'content' in first) return 'langgraph';
  }
  if (isRecord(first.event) || STRANDS_KEYS.some((key) => key in first)) return 'strands';
  return undefined;
}

/** The SDKs of AgentCore report a failure of the agent as an object with `error`. */
function failOnError(value: unknown): void {
  if (!isRecord(value) || 'type' in value) return;
  const { error } = value;
  const isFailure =
    // Answers with an `error` that is empty are good ones.
    (typeof error === 'string' && error !== '') || isRecord(error) || value.force_stop === true;
  if (isFailure) {
    throw new AgentStreamError('The agent failed', {
      code: 'AGENT_FAILED',
      retryable: false,
      cause: value,
    });
  }
}
