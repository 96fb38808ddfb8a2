import { AsyncLocalStorage } from 'node:async_hooks';
import type { AgentEvent, RunOutcome } from '@magi/stream-protocol';
import type { Context, ContextManager } from '@opentelemetry/api';
import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { AgentStreamError } from '../agent-stream-error';
import { fetchHandler } from '../fetch-handler';
import { mergeAgents } from '../merge-agents';
import type { Run } from '../run-request';
import type { OtelOptions } from './otel';
import { otel } from './otel';
import { traceHeaders } from './trace-headers';

/** What the SDK's own context manager does, without another package. */
function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, call, self, ...args) =>
      storage.run(active, () => call.apply(self as never, args)),
    bind: (_active, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

const spans = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(spans)],
});
let metricExporter: InMemoryMetricExporter;
let meterProvider: MeterProvider;

beforeAll(() => {
  context.setGlobalContextManager(createContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
});
afterAll(() => {
  context.disable();
  propagation.disable();
});
beforeEach(() => {
  spans.reset();
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  meterProvider = new MeterProvider({ readers: [reader] });
});

async function serve(
  run: Run,
  options: OtelOptions = {},
  headers: Record<string, string> = {},
): Promise<string> {
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  // Observers are told of the end in their order, and after the reader.
  const observers = [
    otel({ tracerProvider, meterProvider, ...options }),
    () => ({ onEnd: () => end() }),
  ];
  const handler = fetchHandler(run, { authorize: null, observers, onError: () => {} });
  const response = await handler(
    new Request('http://local.test/', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({
        threadId: 'thread-1',
        runId: 'run-1',
        messages: [{ id: 'u1', role: 'user', content: 'the secret question' }],
        tools: [],
        context: [],
        protocolVersion: '1.0',
      }),
    }),
  );
  const body = await response.text();
  await ended;
  return body;
}

async function recordedMetrics() {
  await meterProvider.forceFlush();
  return metricExporter
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap(({ metrics }) => metrics);
}

async function pointsOf(name: string) {
  const found = (await recordedMetrics()).find(({ descriptor }) => descriptor.name === name);
  return (found?.dataPoints ?? []) as {
    attributes: object;
    value: { count: number; sum: number };
  }[];
}

function spanNamed(name: string): ReadableSpan {
  const span = spans.getFinishedSpans().find((candidate) => candidate.name === name);
  if (span === undefined) {
    throw new Error(`No span "${name}" among ${spans.getFinishedSpans().map((s) => s.name)}`);
  }
  return span;
}

const answer: AgentEvent[] = [
  { type: 'RUN_STARTED', threadId: 't', runId: 'inner' },
  { type: 'TEXT_MESSAGE_START', messageId: 'm1' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'the secret ' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'answer' },
  { type: 'TEXT_MESSAGE_END', messageId: 'm1' },
  { type: 'TOOL_CALL_START', toolCallId: 'call-1', toolCallName: 'search' },
  { type: 'TOOL_CALL_ARGS', toolCallId: 'call-1', delta: '{"secret":1}' },
  { type: 'TOOL_CALL_END', toolCallId: 'call-1' },
  { type: 'TOOL_CALL_RESULT', toolCallId: 'call-1', messageId: 'r1', content: 'secret result' },
  {
    type: 'RUN_FINISHED',
    threadId: 't',
    runId: 'inner',
    usage: [
      {
        provider: 'aws.bedrock',
        model: 'claude',
        inputTokens: 12,
        outputTokens: 3,
        cachedInputTokens: 5,
      },
    ],
  },
];

async function* agent(): AsyncGenerator<AgentEvent> {
  yield* answer;
}

describe('otel() spans', () => {
  it('gives the run, the agent and the tool a span each, one inside the other', async () => {
    await serve(agent, { name: 'magi' });
    const run = spanNamed('invoke_workflow magi');
    const invoked = spanNamed('invoke_agent magi');
    const tool = spanNamed('execute_tool search');
    expect(spans.getFinishedSpans()).toHaveLength(3);
    expect(invoked.parentSpanContext?.spanId).toBe(run.spanContext().spanId);
    expect(tool.parentSpanContext?.spanId).toBe(invoked.spanContext().spanId);
    expect([run.kind, invoked.kind, tool.kind]).toEqual([
      SpanKind.INTERNAL,
      SpanKind.CLIENT,
      SpanKind.INTERNAL,
    ]);
    expect(run.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_workflow',
      'gen_ai.workflow.name': 'magi',
      'gen_ai.conversation.id': 'thread-1',
      'gen_ai.request.stream': true,
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.response.time_to_first_chunk': expect.any(Number),
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'claude',
      'gen_ai.usage.input_tokens': 12,
      'gen_ai.usage.output_tokens': 3,
      'gen_ai.usage.cache_read.input_tokens': 5,
    });
    expect(invoked.attributes).toMatchObject({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'magi',
      'gen_ai.usage.output_tokens': 3,
    });
    expect(tool.attributes).toMatchObject({
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.call.id': 'call-1',
    });
  });

  it('names each subagent and marks the one that failed', async () => {
    async function* good() {
      yield 'yes';
    }
    async function* bad() {
      yield 'half';
      throw new AgentStreamError('Too many requests', { code: 'THROTTLED' });
    }
    await serve(({ signal }) => mergeAgents({ caspar: good(), melchior: bad() }, { signal }));
    const run = spanNamed('invoke_workflow');
    for (const name of ['invoke_agent caspar', 'invoke_agent melchior']) {
      expect(spanNamed(name).parentSpanContext?.spanId).toBe(run.spanContext().spanId);
    }
    expect(spanNamed('invoke_agent melchior')).toMatchObject({
      attributes: { 'error.type': 'THROTTLED' },
      status: { code: SpanStatusCode.ERROR },
    });
    expect(spanNamed('invoke_agent caspar').status.code).toBe(SpanStatusCode.UNSET);
    expect(run.status.code).toBe(SpanStatusCode.UNSET);
    expect(spans.getFinishedSpans()).toHaveLength(3);
  });

  it('says of each subagent what it used and how it ended', async () => {
    const usage = (inputTokens: number) => [
      { provider: 'aws.bedrock', model: 'claude', inputTokens },
    ];
    async function* asks(): AsyncGenerator<AgentEvent> {
      yield { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'May I?' };
      const outcome: RunOutcome = { type: 'interrupt', interrupts: [{ id: 'i1', reason: 'x' }] };
      yield { type: 'RUN_FINISHED', threadId: 't', runId: 'r', outcome, usage: usage(3) };
    }
    async function* fails() {
      yield 'half';
      throw new AgentStreamError('Cut', { code: 'UPSTREAM_TRUNCATED', usage: usage(4) });
    }
    async function* foreign(): AsyncGenerator<AgentEvent> {
      const subagentRunId = 's1';
      yield { type: 'SUBAGENT_STARTED', subagentRunId, name: 'nested' };
      const metadata = { usage: [null, 7, { provider: 1, model: 2, inputTokens: 'x' }] };
      yield { type: 'SUBAGENT_FINISHED', subagentRunId, metadata };
    }
    await serve(({ signal }) => mergeAgents({ asks, fails, foreign }, { signal }), {
      captureContent: true,
    });
    expect(spanNamed('invoke_agent asks').attributes).toMatchObject({
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'claude',
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.response.finish_reasons': ['interrupt'],
      'gen_ai.output.messages': expect.stringContaining('"finish_reason":"interrupt"'),
    });
    expect(spanNamed('invoke_agent fails').attributes).toMatchObject({
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.usage.input_tokens': 4,
      'gen_ai.response.finish_reasons': ['error'],
    });
    const { attributes } = spanNamed('invoke_agent nested');
    expect(Object.keys(attributes).sort()).toEqual([
      'gen_ai.agent.name',
      'gen_ai.operation.name',
      'gen_ai.request.stream',
      'gen_ai.response.finish_reasons',
    ]);
  });

  it('ends a tool that gave no result when it was called', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.now() });
    try {
      await serve(async function* () {
        yield { type: 'TOOL_CALL_START', toolCallId: 'call-1', toolCallName: 'ask' };
        vi.advanceTimersByTime(1_000);
        yield { type: 'TOOL_CALL_END', toolCallId: 'call-1' };
        vi.advanceTimersByTime(5_000);
        yield 'More text.';
      });
    } finally {
      vi.useRealTimers();
    }
    expect(spanNamed('execute_tool ask').duration).toEqual([1, 0]);
    expect(spanNamed('invoke_workflow').duration).toEqual([6, 0]);
    expect((await pointsOf('gen_ai.execute_tool.duration'))[0]?.value.sum).toBe(1);
  });

  it('marks a failed run with its code and never with the words of the error', async () => {
    await serve(async function* () {
      yield 'half';
      throw new Error('the secret reason');
    });
    const run = spanNamed('invoke_workflow');
    expect(run.attributes).toMatchObject({
      'error.type': 'INTERNAL_ERROR',
      'gen_ai.response.finish_reasons': ['error'],
    });
    expect(run.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(run.events).toEqual([]);
  });

  it('ends what a failed run left open', async () => {
    await serve(async function* () {
      yield* answer.slice(0, 7);
      throw new AgentStreamError('Cut', { code: 'UPSTREAM_TRUNCATED' });
    });
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual([
      'execute_tool search',
      'invoke_agent',
      'invoke_workflow',
    ]);
    expect(spanNamed('invoke_agent').attributes).toMatchObject({
      'error.type': 'UPSTREAM_TRUNCATED',
    });
  });

  it('gives each call of a tool a span, also where the calls share an id', async () => {
    const call: AgentEvent[] = [
      { type: 'TOOL_CALL_START', toolCallId: 'call-1', toolCallName: 'search' },
      { type: 'TOOL_CALL_END', toolCallId: 'call-1' },
    ];
    await serve(async function* () {
      yield* call;
      yield* call;
      yield { type: 'TOOL_CALL_RESULT', toolCallId: 'call-1', messageId: 'r1', content: 'ok' };
    });
    const names = spans.getFinishedSpans().map(({ name }) => name);
    expect(names).toEqual(['execute_tool search', 'execute_tool search', 'invoke_workflow']);
    expect((await pointsOf('gen_ai.execute_tool.duration'))[0]?.value.count).toBe(2);
  });

  it('sees what comes in chunks, and whose it is', async () => {
    const subagentRunId = 's1';
    await serve(
      async function* () {
        yield { type: 'SUBAGENT_STARTED', subagentRunId, name: 'caspar' };
        yield { type: 'TOOL_CALL_CHUNK', toolCallId: 'c1', toolCallName: 'search', subagentRunId };
        yield { type: 'TOOL_CALL_CHUNK', delta: '{"q":' };
        yield { type: 'TOOL_CALL_CHUNK', delta: '1}' };
        yield { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm1', delta: 'by ', subagentRunId };
        yield { type: 'TEXT_MESSAGE_CHUNK', delta: 'caspar' };
        yield { type: 'SUBAGENT_FINISHED', subagentRunId };
      },
      { captureContent: true },
    );
    const tool = spanNamed('execute_tool search');
    const agent = spanNamed('invoke_agent caspar');
    expect(tool.parentSpanContext?.spanId).toBe(agent.spanContext().spanId);
    expect(tool.attributes['gen_ai.tool.call.arguments']).toBe('{"q":1}');
    expect(agent.attributes['gen_ai.output.messages']).toContain('by caspar');
  });

  it('leaves to a subagent what continues its message without naming it', async () => {
    const subagentRunId = 's1';
    await serve(
      async function* () {
        yield { type: 'RUN_STARTED', threadId: 't', runId: 'inner' };
        yield { type: 'SUBAGENT_STARTED', subagentRunId, name: 'caspar' };
        yield { type: 'TEXT_MESSAGE_START', messageId: 'm1', subagentRunId };
        yield { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'by ' };
        yield { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm1', delta: 'caspar' };
        yield { type: 'TEXT_MESSAGE_END', messageId: 'm1' };
        yield { type: 'SUBAGENT_FINISHED', subagentRunId };
        yield { type: 'RUN_FINISHED', threadId: 't', runId: 'inner' };
        yield 'and ';
        yield 'me';
      },
      { captureContent: true, name: 'magi' },
    );
    const names = spans.getFinishedSpans().map(({ name }) => name);
    expect(names).toEqual(['invoke_agent caspar', 'invoke_workflow magi']);
    expect(spanNamed('invoke_agent caspar').attributes['gen_ai.output.messages']).toContain(
      'by caspar',
    );
    // The time between the subagent's text and the run's own is nobody's.
    const intervals = await pointsOf('gen_ai.client.operation.time_per_output_chunk');
    const counts = intervals.map(({ attributes, value }) => [
      (attributes as Record<string, unknown>)['gen_ai.operation.name'],
      value.count,
    ]);
    expect(counts).toEqual([
      ['invoke_agent', 1],
      ['invoke_workflow', 1],
    ]);
  });

  it('records no word of the question, the answer or a tool unless asked to', async () => {
    await serve(agent);
    const all = JSON.stringify(
      spans.getFinishedSpans().map(({ attributes, events }) => [attributes, events]),
    );
    expect(all).not.toContain('secret');
    spans.reset();
    await serve(agent, { captureContent: true });
    expect(spanNamed('invoke_agent').attributes['gen_ai.output.messages']).toBe(
      JSON.stringify([
        {
          role: 'assistant',
          parts: [{ type: 'text', content: 'the secret answer' }],
          finish_reason: 'stop',
        },
      ]),
    );
    expect(spanNamed('execute_tool search').attributes).toMatchObject({
      'gen_ai.tool.call.arguments': '{"secret":1}',
      'gen_ai.tool.call.result': 'secret result',
    });
    expect(JSON.stringify(spanNamed('invoke_workflow').attributes)).not.toContain('secret');
  });
});

describe('otel() context', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('continues the trace of the request and hands it on upstream', async () => {
    let upstream: Record<string, string> = {};
    await serve(
      async function* () {
        await new Promise((resolve) => setTimeout(resolve, 1));
        upstream = traceHeaders();
        yield 'x';
      },
      {},
      { traceparent },
    );
    const run = spanNamed('invoke_workflow');
    expect(run.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(run.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(upstream.traceparent).toBe(
      `00-${run.spanContext().traceId}-${run.spanContext().spanId}-01`,
    );
  });

  it('prefers a span that is active already', async () => {
    const outer = tracerProvider.getTracer('test').startSpan('lambda');
    await context.with(trace.setSpan(ROOT_CONTEXT, outer), () => serve(agent, {}, { traceparent }));
    expect(spanNamed('invoke_workflow').parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
    outer.end();
  });

  it('has no headers to hand on outside a run', () => {
    expect(traceHeaders()).toEqual({});
  });
});

describe('otel() metrics', () => {
  it('records durations, chunk times and tokens in the units of the conventions', async () => {
    await serve(agent, { name: 'magi', attributes: { stage: 'test' } });
    const units = Object.fromEntries(
      (await recordedMetrics()).map(({ descriptor }) => [descriptor.name, descriptor.unit]),
    );
    expect(units).toEqual({
      'gen_ai.workflow.duration': 's',
      'gen_ai.invoke_agent.duration': 's',
      'gen_ai.execute_tool.duration': 's',
      'gen_ai.client.operation.time_to_first_chunk': 's',
      'gen_ai.client.operation.time_per_output_chunk': 's',
      'gen_ai.client.token.usage': '{token}',
    });
    const tokens = await pointsOf('gen_ai.client.token.usage');
    expect(tokens.map(({ attributes, value }) => [attributes, value.sum])).toEqual([
      [
        {
          stage: 'test',
          'gen_ai.operation.name': 'invoke_workflow',
          'gen_ai.workflow.name': 'magi',
          'gen_ai.provider.name': 'aws.bedrock',
          'gen_ai.request.model': 'claude',
          'gen_ai.token.type': 'input',
        },
        12,
      ],
      [expect.objectContaining({ 'gen_ai.token.type': 'output' }), 3],
    ]);
    // Two text deltas: one first chunk for the run and one for the agent, one interval for the agent.
    expect(await pointsOf('gen_ai.client.operation.time_to_first_chunk')).toHaveLength(2);
    const [interval] = await pointsOf('gen_ai.client.operation.time_per_output_chunk');
    expect(interval).toMatchObject({
      attributes: { 'gen_ai.agent.name': 'magi' },
      value: { count: 1 },
    });
  });

  it('counts failures by error type', async () => {
    await serve(async function* () {
      yield 'x';
      throw new AgentStreamError('Too many requests', { code: 'THROTTLED' });
    });
    expect(await pointsOf('gen_ai.workflow.duration')).toMatchObject([
      { attributes: { 'error.type': 'THROTTLED' }, value: { count: 1 } },
    ]);
  });
});

describe('otel()', () => {
  it('does nothing without an SDK', async () => {
    const handler = fetchHandler(agent, { authorize: null, observers: [otel()] });
    const body = JSON.stringify({ threadId: 't', runId: 'r', messages: [] });
    const headers = { 'content-type': 'application/json' };
    const response = await handler(
      new Request('http://local.test/', { method: 'POST', headers, body }),
    );
    expect(await response.text()).toContain('RUN_FINISHED');
  });

  it('refuses options that it does not know', () => {
    expect(() => otel({ workflow: 'x' } as never)).toThrow('unknown option "workflow"');
  });
});
