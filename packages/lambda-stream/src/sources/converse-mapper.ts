import type { Interrupt } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import type { ConverseBlock } from './converse-blocks';
import {
  imageBlock,
  reasoningBlock,
  textBlock,
  toolResultBlock,
  toolUseBlock,
} from './converse-blocks';
import type {
  ConverseBlockDelta,
  ConverseBlockStart,
  ConverseFrame,
  ConverseHookEvent,
  ConverseMetadata,
} from './converse-frame';
import { guardrailPolicies } from './guardrail-policies';
import type { Emit, FrameMapper, RunSummary } from './run-upstream';
import type { TextMessage } from './text-message';
import { createTextMessage } from './text-message';
import { toolUseInterrupt } from './tool-use-interrupt';
import { plainUnion, unionMember } from './union-member';
import { createUsageTotal } from './usage';

interface ConverseMapperOptions {
  /** The model that is asked, when the caller knows it. */
  readonly modelId?: string | undefined;
  /** `source` of RAW events. */
  readonly source: string;
}

export interface ConverseMapper extends FrameMapper<ConverseFrame> {
  /** Whether the last message that was started has also stopped. */
  isComplete(): boolean;
  /** Ends what is open, without judging whether the answer is complete. */
  close(emit: Emit): void;
  summary(): RunSummary;
}

/** Turns the frames of a Converse stream into events; several messages may follow each other, as in an agent's loop. */
export function createConverseMapper(options: ConverseMapperOptions): ConverseMapper {
  const { source } = options;
  const usage = createUsageTotal();
  const blocks = new Map<number, ConverseBlock>();
  /** Calls without a result that the application, not the service, has to answer. */
  const pendingCalls = new Map<string, string>();
  let message: TextMessage = createTextMessage(globalThis.crypto.randomUUID());
  let messages = 0;
  let isStopped = false;
  let stopReason: string | undefined;
  let additionalFields: unknown;
  let latencyMs: number | undefined;
  let isGuardrailReported = false;
  let number = 0;
  const nextNumber = (): number => {
    number += 1;
    return number;
  };

  const raw = (event: unknown, emit: Emit): void => emit({ type: 'RAW', event, source });

  const closeMessage = (emit: Emit): void => {
    for (const block of blocks.values()) block.stop(emit);
    blocks.clear();
    message.end(emit);
  };

  const startMessage = (role: string | undefined, emit: Emit): void => {
    closeMessage(emit);
    messages += 1;
    isStopped = false;
    if (messages > 1) message = createTextMessage(globalThis.crypto.randomUUID());
    if (role !== 'user') {
      const id = `${message.messageId}:model`;
      const label = 'Model call';
      emit(customEvent('magi.trace', { id, kind: 'model', label, status: 'started' }));
    }
  };

  const startBlock = ({ start, contentBlockIndex }: ConverseBlockStart, emit: Emit): void => {
    const index = contentBlockIndex ?? 0;
    const { toolUse, toolResult, image } = start ?? {};
    if (toolUse !== undefined) {
      const id = toolUse.toolUseId ?? globalThis.crypto.randomUUID();
      const name = toolUse.name ?? 'tool';
      const isServerSide = toolUse.type === 'server_tool_use' || toolUse.type === 'mcp_tool_use';
      if (!isServerSide) pendingCalls.set(id, name);
      blocks.set(index, toolUseBlock({ id, name, parentMessageId: message.messageId }, emit));
    } else if (toolResult !== undefined) {
      const id = toolResult.toolUseId ?? '';
      pendingCalls.delete(id);
      blocks.set(index, toolResultBlock(id));
    } else if (image !== undefined) {
      const id = `${message.messageId}:file:${nextNumber()}`;
      blocks.set(index, imageBlock({ id, format: image.format ?? 'png' }));
    } else if (unionMember(start) !== undefined) {
      raw({ contentBlockStart: { start: plainUnion(start), contentBlockIndex } }, emit);
    }
  };

  const blockDelta = ({ delta, contentBlockIndex }: ConverseBlockDelta, emit: Emit): void => {
    if (delta === undefined) return;
    const index = contentBlockIndex ?? 0;
    let block = blocks.get(index);
    if (block === undefined) {
      // Text and reasoning have no start of their own.
      if (delta.text !== undefined || delta.citation !== undefined) {
        block = textBlock(message, nextNumber);
      } else if (delta.reasoningContent !== undefined) {
        block = reasoningBlock(`${message.messageId}:reasoning:${nextNumber()}`);
      }
      if (block !== undefined) blocks.set(index, block);
    }
    if (block?.delta(delta, emit) !== true)
      raw({ contentBlockDelta: { delta: plainUnion(delta), contentBlockIndex } }, emit);
  };

  const stopBlock = (index: number, emit: Emit): void => {
    blocks.get(index)?.stop(emit);
    blocks.delete(index);
  };

  const readMetadata = (metadata: ConverseMetadata, emit: Emit): void => {
    const { inputTokens = 0, outputTokens = 0 } = metadata.usage ?? {};
    const { cacheReadInputTokens: cachedInputTokens, cacheWriteInputTokens } = metadata.usage ?? {};
    const model = metadata.trace?.promptRouter?.invokedModelId ?? options.modelId;
    if (metadata.usage !== undefined) {
      // The service counts cached tokens beside the input, AG-UI as part of it.
      const allInput = inputTokens + (cachedInputTokens ?? 0) + (cacheWriteInputTokens ?? 0);
      usage.add(model, {
        inputTokens: allInput,
        outputTokens,
        totalTokens: allInput + outputTokens,
        cachedInputTokens,
        cacheWriteInputTokens,
      });
    }
    latencyMs = metadata.metrics?.latencyMs ?? latencyMs;
    emit(
      customEvent('magi.trace', {
        id: `${message.messageId}:model`,
        kind: 'model',
        label: 'Model call',
        status: 'finished',
        ...(metadata.metrics?.latencyMs !== undefined && {
          durationMs: metadata.metrics.latencyMs,
        }),
        detail: {
          ...(metadata.usage !== undefined && { inputTokens, outputTokens }),
          ...(model !== undefined && { model }),
          ...(metadata.serviceTier?.type !== undefined && {
            serviceTier: metadata.serviceTier.type,
          }),
        },
      }),
    );
    if (stopReason === 'guardrail_intervened') reportGuardrail(metadata, emit);
  };

  const reportGuardrail = (metadata: ConverseMetadata, emit: Emit): void => {
    if (isGuardrailReported) return;
    isGuardrailReported = true;
    const { inputAssessment, outputAssessments } = metadata.trace?.guardrail ?? {};
    const policies = guardrailPolicies([
      ...Object.values(inputAssessment ?? {}),
      ...Object.values(outputAssessments ?? {}).flat(),
    ]);
    emit(customEvent('magi.guardrail', { action: 'intervened', policies }));
  };

  const readHook = (hook: ConverseHookEvent, emit: Emit): void => {
    const { hookEventId, name, type, decision, reason } = hook;
    emit(
      customEvent('magi.trace', {
        id: hookEventId ?? globalThis.crypto.randomUUID(),
        kind: 'hook',
        label: name ?? type ?? 'Hook',
        status: decision === 'deny' ? 'failed' : 'finished',
        detail: {
          ...(type !== undefined && { type }),
          ...(decision !== undefined && { decision }),
          ...(reason !== undefined && { reason }),
        },
      }),
    );
  };

  const close = (emit: Emit): void => {
    closeMessage(emit);
    if (stopReason === 'guardrail_intervened') reportGuardrail({}, emit);
  };

  const summary = (): RunSummary => {
    const interrupts: Interrupt[] =
      stopReason === 'tool_use'
        ? [...pendingCalls].map(([id, name]) => toolUseInterrupt(id, name))
        : [];
    return {
      ...usage.summary(),
      ...(interrupts.length > 0 && { outcome: { type: 'interrupt', interrupts } }),
      ...(stopReason !== undefined && {
        result: {
          stopReason,
          ...(latencyMs !== undefined && { latencyMs }),
          ...(additionalFields !== undefined && {
            additionalModelResponseFields: additionalFields,
          }),
        },
      }),
    };
  };

  return {
    isComplete: () => isStopped,
    map(frame, emit) {
      const member = unionMember(frame);
      if (member === undefined) return;
      if (frame.messageStart !== undefined) startMessage(frame.messageStart.role, emit);
      else if (frame.contentBlockStart !== undefined) startBlock(frame.contentBlockStart, emit);
      else if (frame.contentBlockDelta !== undefined) blockDelta(frame.contentBlockDelta, emit);
      else if (frame.contentBlockStop !== undefined) {
        stopBlock(frame.contentBlockStop.contentBlockIndex ?? 0, emit);
      } else if (frame.messageStop !== undefined) {
        stopReason = frame.messageStop.stopReason;
        additionalFields = frame.messageStop.additionalModelResponseFields;
        isStopped = true;
        closeMessage(emit);
      } else if (frame.metadata !== undefined) readMetadata(frame.metadata, emit);
      else if (frame.hookEvent !== undefined) readHook(frame.hookEvent, emit);
      else raw(plainUnion(frame), emit);
    },
    close,
    summary,
    usage: usage.summary,
    finish(emit) {
      if (!isStopped) return undefined;
      close(emit);
      return summary();
    },
  };
}
