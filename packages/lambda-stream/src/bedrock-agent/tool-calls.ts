import type { InvocationInput, Observation } from '@aws-sdk/client-bedrock-agent-runtime';
import { customEvent } from '@magi/stream-protocol';
import type { Emit } from '../sources/run-upstream';
import type { AgentScope } from './agent-scope';
import { describeReference } from './citations';
import type { ToolInvocation } from './invocation-input';
import { readInvocationInput } from './invocation-input';

interface PendingCall {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

interface ToolResult {
  readonly kind: ToolInvocation['kind'];
  readonly content: string;
  readonly isFailed: boolean;
  readonly durationMs: number | undefined;
}

/** Emits an agent's tool calls and pairs their results with them: the same step, the same kind of tool, in order. */
export function createToolCalls() {
  const pending: PendingCall[] = [];

  const open = (
    scope: AgentScope,
    traceId: string | undefined,
    call: ToolInvocation,
    emit: Emit,
  ) => {
    const id = `${traceId ?? scope.message.messageId}:tool:${scope.nextNumber()}`;
    emit({
      type: 'TOOL_CALL_START',
      toolCallId: id,
      toolCallName: call.name,
      parentMessageId: scope.message.messageId,
      ...scope.attribution,
    });
    const delta = JSON.stringify(call.arguments);
    emit({ type: 'TOOL_CALL_ARGS', toolCallId: id, delta, ...scope.attribution });
    emit({ type: 'TOOL_CALL_END', toolCallId: id, ...scope.attribution });
    return { id, name: call.name, key: pairingKey(scope, traceId, call.kind) };
  };

  return {
    start(scope: AgentScope, input: InvocationInput, timeMs: number | undefined, emit: Emit): void {
      const call = readInvocationInput(input);
      // The application is asked to make this call: the returnControl member that follows carries it.
      const isReturned = input.actionGroupInvocationInput?.executionType === 'RETURN_CONTROL';
      if (call === undefined || isReturned) return;
      const opened = open(scope, input.traceId, call, emit);
      pending.push(opened);
      emit({
        ...customEvent('magi.trace', {
          id: opened.id,
          kind: call.kind,
          label: call.name,
          status: 'started',
          ...(timeMs !== undefined && { startedAtMs: timeMs }),
        }),
        ...scope.attribution,
      });
    },
    /** Returns whether the observation is the result of a tool call. */
    finish(scope: AgentScope, seen: Observation, emit: Emit): boolean {
      const result = readResult(seen);
      if (result === undefined) return false;
      const key = pairingKey(scope, seen.traceId, result.kind);
      const at = pending.findIndex((call) => call.key === key);
      const call =
        pending.splice(at, at === -1 ? 0 : 1)[0] ??
        open(scope, seen.traceId, { kind: result.kind, name: result.kind, arguments: {} }, emit);
      emit({
        type: 'TOOL_CALL_RESULT',
        messageId: `${call.id}:result`,
        toolCallId: call.id,
        content: result.content,
        role: 'tool',
        ...scope.attribution,
      });
      emit({
        ...customEvent('magi.trace', {
          id: call.id,
          kind: result.kind,
          label: call.name,
          status: result.isFailed ? 'failed' : 'finished',
          ...(result.durationMs !== undefined && { durationMs: result.durationMs }),
        }),
        ...scope.attribution,
      });
      return true;
    },
  };
}

function pairingKey(scope: AgentScope, traceId: string | undefined, kind: string): string {
  return JSON.stringify([scope.attribution.subagentRunId, traceId, kind]);
}

function readResult(seen: Observation): ToolResult | undefined {
  const action = seen.actionGroupInvocationOutput;
  if (action !== undefined) {
    return {
      kind: 'action-group',
      content: action.text ?? '',
      isFailed: false,
      durationMs: action.metadata?.totalTimeMs,
    };
  }
  const lookup = seen.knowledgeBaseLookupOutput;
  if (lookup !== undefined) {
    return {
      kind: 'knowledge-base',
      content: JSON.stringify((lookup.retrievedReferences ?? []).map(describeReference)),
      isFailed: false,
      durationMs: lookup.metadata?.totalTimeMs,
    };
  }
  const code = seen.codeInterpreterInvocationOutput;
  if (code !== undefined) {
    const { executionOutput, executionError, executionTimeout, files } = code;
    return {
      kind: 'code-interpreter',
      content: JSON.stringify({
        output: executionOutput,
        error: executionError,
        timedOut: executionTimeout,
        files,
      }),
      isFailed: executionError !== undefined || executionTimeout === true,
      durationMs: code.metadata?.totalTimeMs,
    };
  }
  return undefined;
}
