import type { ConverseFrame } from '../../sources/converse-frame';
import { createConverseMapper } from '../../sources/converse-mapper';
import { isRecord } from '../../sources/is-record';
import { emitReasoning } from '../../sources/reasoning';
import type { Emit, FrameMapper, RunSummary } from '../../sources/run-upstream';
import { createTextMessage } from '../../sources/text-message';
import { createUsageTotal } from '../../sources/usage';
import { findText } from './plain';

/** Marks of the event loop that say nothing to a reader. */
const LIFECYCLE_KEYS = [
  'init_event_loop',
  'start',
  'start_event_loop',
  'complete',
  'agent_started',
];

/**
 * Maps what an agent of Strands yields, and Converse frames under `event`.
 *
 * Strands says most things twice: as the model's Converse frame under `event`, and again as `data`, `current_tool_use`
 * or `reasoningText`. Once a frame has come, the repetitions are left out. Tool results come in `message` only.
 *
 * The agent runs its own tools: without the results of its last calls an answer is not complete, unless the agent itself says
 * that it is (`result`). With `endsAtMessageStop` the frames come from a model alone, which is done when it stops, not before.
 *
 * @see https://strandsagents.com/latest/documentation/docs/user-guide/concepts/streaming/overview/
 */
export function createStrandsMapper({ endsAtMessageStop = false } = {}): FrameMapper<unknown> {
  const source = 'agentcore-runtime';
  const converse = createConverseMapper({ source });
  const usage = createUsageTotal('');
  const openCalls = new Map<string, number>();
  let message = createTextMessage(globalThis.crypto.randomUUID());
  let hasFrames = false;
  let hasResult = false;
  /** Whether the model has called tools whose results have not come. */
  let awaitsTools = false;
  let stopReason: string | undefined;
  let reasoning = '';
  let number = 0;

  /** What the model's own frames say, which is per model; without them what the agent says. */
  const used = (): Pick<RunSummary, 'usage'> => {
    const byModel = converse.summary().usage;
    return byModel === undefined ? usage.summary() : { usage: byModel };
  };

  const flushReasoning = (emit: Emit): void => {
    if (reasoning === '') return;
    number += 1;
    emitReasoning(`${message.messageId}:reasoning:${number}`, { text: reasoning }, {}, emit);
    reasoning = '';
  };

  const closeCalls = (emit: Emit): void => {
    for (const toolCallId of openCalls.keys()) emit({ type: 'TOOL_CALL_END', toolCallId });
    openCalls.clear();
  };

  const toolUse = (call: Readonly<Record<string, unknown>>, emit: Emit): void => {
    const toolCallId = String(call.toolUseId ?? '');
    if (!openCalls.has(toolCallId)) {
      openCalls.set(toolCallId, 0);
      const toolCallName = String(call.name ?? 'tool');
      const parentMessageId = message.messageId;
      emit({ type: 'TOOL_CALL_START', toolCallId, toolCallName, parentMessageId });
    }
    // The input grows from one value to the next; as an object it is complete.
    const input = typeof call.input === 'string' ? call.input : JSON.stringify(call.input ?? {});
    const sent = openCalls.get(toolCallId) ?? 0;
    const isPartialObject = typeof call.input !== 'string' && sent > 0;
    if (input.length <= sent || isPartialObject) return;
    emit({ type: 'TOOL_CALL_ARGS', toolCallId, delta: input.slice(sent) });
    openCalls.set(toolCallId, input.length);
  };

  const wholeMessage = (whole: Readonly<Record<string, unknown>>, emit: Emit): void => {
    const parts = Array.isArray(whole.content) ? whole.content.filter(isRecord) : [];
    if (!hasFrames) {
      flushReasoning(emit);
      if (whole.role === 'assistant') {
        if (message.length() === 0)
          message.append(findText(parts.map(({ text }) => text)) ?? '', emit);
        const calls = parts.map((part) => part.toolUse).filter(isRecord);
        for (const call of calls) toolUse(call, emit);
        awaitsTools = calls.length > 0;
      }
      closeCalls(emit);
      message.end(emit);
      message = createTextMessage(globalThis.crypto.randomUUID());
    }
    for (const part of parts) {
      if (!isRecord(part.toolResult)) continue;
      awaitsTools = false;
      const toolCallId = String(part.toolResult.toolUseId ?? '');
      const content = resultText(part.toolResult.content);
      const messageId = `${toolCallId}:result`;
      emit({ type: 'TOOL_CALL_RESULT', messageId, toolCallId, content, role: 'tool' });
    }
  };

  const readResult = (result: unknown): void => {
    hasResult = true;
    if (!isRecord(result)) return;
    if (typeof result.stop_reason === 'string') stopReason = result.stop_reason;
    const metrics = isRecord(result.metrics) ? result.metrics : {};
    const counts = isRecord(metrics.accumulated_usage) ? metrics.accumulated_usage : undefined;
    if (counts === undefined || hasFrames) return;
    usage.add(undefined, {
      inputTokens: numberOf(counts.inputTokens),
      outputTokens: numberOf(counts.outputTokens),
      totalTokens: numberOf(counts.totalTokens),
    });
  };

  return {
    map(value, emit) {
      if (!isRecord(value)) {
        if (typeof value !== 'string') emit({ type: 'RAW', event: value, source });
        else if (!hasFrames && !isPrinted(value)) message.append(value, emit);
        return;
      }
      if (isRecord(value.event)) {
        hasFrames = true;
        const frame = value.event as ConverseFrame;
        if (frame.messageStop) awaitsTools = frame.messageStop.stopReason === 'tool_use';
        converse.map(frame, emit);
      } else if (isRecord(value.message)) wholeMessage(value.message, emit);
      else if ('result' in value) readResult(value.result);
      else if (typeof value.data === 'string') {
        if (hasFrames) return;
        flushReasoning(emit);
        message.append(value.data, emit);
      } else if (typeof value.reasoningText === 'string') {
        if (!hasFrames) reasoning += value.reasoningText;
      } else if (isRecord(value.current_tool_use)) {
        if (!hasFrames) toolUse(value.current_tool_use, emit);
      } else if (!LIFECYCLE_KEYS.some((key) => key in value)) {
        emit({ type: 'RAW', event: value, source });
      }
    },
    usage: used,
    finish(emit) {
      const hasStopped = endsAtMessageStop
        ? converse.isComplete()
        : !awaitsTools && (!hasFrames || converse.isComplete());
      if (!hasStopped && !hasResult) return undefined;
      flushReasoning(emit);
      closeCalls(emit);
      message.end(emit);
      converse.close(emit);
      const { result } = converse.summary();
      // Who answers a tool call is the matter of the code in the runtime: no interrupts.
      return {
        ...used(),
        ...(stopReason === undefined
          ? result !== undefined && { result }
          : { result: { stopReason } }),
      };
    },
  };
}

/** The Python SDK prints an event that it cannot write as JSON: `{'data': 'Hello', 'agent': <strands.agent…>}`. */
function isPrinted(value: string): boolean {
  return value.startsWith("{'") && value.endsWith('}');
}

function resultText(content: unknown): string {
  if (!Array.isArray(content))
    return typeof content === 'string' ? content : JSON.stringify(content ?? '');
  return content
    .map((part: unknown) => {
      if (!isRecord(part)) return String(part);
      return typeof part.text === 'string' ? part.text : JSON.stringify(part.json ?? part);
    })
    .join('');
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
