import type { Attributes, Context, Histogram, Span, SpanKind, Tracer } from '@opentelemetry/api';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { ERROR_TYPE, GEN_AI } from './attributes';
import type { Instruments } from './instruments';

/** Something that takes time, as one span and one duration. */
export interface Operation {
  readonly span: Span;
  /** The context in which its children start. */
  readonly context: Context;
  /** A text delta arrived: its own, or that of an operation inside it, which ends the wait for its first text as well. */
  chunk(now: number, own?: boolean): void;
  /** Ends it once; further calls do nothing. `errorType`: it failed. */
  end(now: number, errorType?: string, attributes?: Attributes): void;
}

export interface OperationStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parent: Context;
  /** On the span and on the metrics: few distinct values. */
  readonly attributes: Attributes;
  /** On the span alone. */
  readonly details?: Attributes;
  /** The reading of the monotonic clock when it began. */
  readonly startedAt: number;
  readonly duration: Histogram;
}

export function startOperation(
  tracer: Tracer,
  { timeToFirstChunk, timePerChunk }: Instruments,
  start: OperationStart,
): Operation {
  const { name, kind, parent, attributes, details, startedAt, duration } = start;
  const startTime = Date.now() - (performance.now() - startedAt);
  const span = tracer.startSpan(
    name,
    { kind, attributes: { ...attributes, ...details }, startTime },
    parent,
  );
  const context = trace.setSpan(parent, span);
  let spoke = false;
  let lastChunkAt: number | undefined;
  let ended = false;
  return {
    span,
    context,
    chunk(now, own = true) {
      if (!spoke) {
        spoke = true;
        const seconds = (now - startedAt) / 1000;
        span.setAttribute(GEN_AI.timeToFirstChunk, seconds);
        timeToFirstChunk.record(seconds, attributes, context);
      } else if (own && lastChunkAt !== undefined) {
        timePerChunk.record((now - lastChunkAt) / 1000, attributes, context);
      }
      if (own) lastChunkAt = now;
    },
    end(now, errorType, more) {
      if (ended) return;
      ended = true;
      if (more !== undefined) span.setAttributes(more);
      const failure = errorType === undefined ? {} : { [ERROR_TYPE]: errorType };
      if (errorType !== undefined) {
        span.setAttributes(failure);
        // No message: an error's message may hold a prompt or an answer.
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      duration.record((now - startedAt) / 1000, { ...attributes, ...failure }, context);
      // What is over may be told late.
      span.end(startTime + (now - startedAt));
    },
  };
}
