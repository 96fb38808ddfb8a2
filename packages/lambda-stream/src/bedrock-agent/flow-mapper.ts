import type {
  FlowMultiTurnInputRequestEvent,
  FlowOutputEvent,
  FlowResponseStream,
  FlowTrace,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { Interrupt } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import type { Emit, FrameMapper } from '../sources/run-upstream';
import { createTextMessage } from '../sources/text-message';
import { unionMember } from '../sources/union-member';
import { flowInputInterrupt } from './flow-input';

interface FlowMapperOptions {
  readonly includeTraceText: boolean;
  /** Names the execution, which the answer to a question has to name again. */
  readonly executionId: string | undefined;
}

/** Turns the members of InvokeFlow's answer into events. */
export function createFlowMapper(options: FlowMapperOptions): FrameMapper<FlowResponseStream> {
  const source = 'bedrock-flow';
  const { includeTraceText, executionId } = options;
  const interrupts: Interrupt[] = [];
  const runningNodes = new Map<string, { id: string; timeMs: number | undefined }>();
  let completionReason: string | undefined;
  let number = 0;

  /** Each output node of a flow has an answer of its own. */
  const output = ({ nodeName, content }: FlowOutputEvent, emit: Emit): void => {
    const member = unionMember(content);
    if (member?.name === 'document' && typeof member.value === 'string') {
      say(member.value, emit);
    } else {
      const event = {
        flowOutputEvent: { nodeName, content: member && { [member.name]: member.value } },
      };
      emit({ type: 'RAW', event, source });
    }
  };

  const say = (text: string, emit: Emit): void => {
    const message = createTextMessage(globalThis.crypto.randomUUID());
    message.append(text, emit);
    message.end(emit);
  };

  const question = (request: FlowMultiTurnInputRequestEvent, emit: Emit): void => {
    const document = unionMember(request.content)?.value;
    const text = typeof document === 'string' ? document : JSON.stringify(document ?? '');
    say(text, emit);
    interrupts.push(flowInputInterrupt(executionId ?? '', request.nodeName ?? '', text));
  };

  const trace = (value: FlowTrace | undefined, emit: Emit): void => {
    const member = unionMember(value);
    if (member === undefined) return;
    const details = TRACES[member.name];
    if (member.isUnknown || details === undefined) {
      // What an unknown trace holds is unknown: it may be a prompt.
      const event = { flowTraceEvent: { [member.name]: includeTraceText ? member.value : {} } };
      emit({ type: 'RAW', event, source });
      return;
    }
    const { nodeName, timestamp, ...contents } = member.value as {
      readonly nodeName?: string;
      readonly timestamp?: Date;
    };
    const timeMs = timestamp?.getTime();
    const name = nodeName ?? 'node';
    number += 1;
    // What goes into a node and what comes out of it is one step.
    const running = details.kind === 'output' ? runningNodes.get(name) : undefined;
    const id = running?.id ?? `${executionId ?? 'flow'}:${name}:${number}`;
    if (details.kind === 'input') runningNodes.set(name, { id, timeMs });
    else if (running !== undefined) runningNodes.delete(name);
    const isNode = details.kind === 'input' || details.kind === 'output';
    emit(
      customEvent('magi.trace', {
        id,
        kind: isNode ? 'flow-node' : `flow-${details.kind}`,
        label: isNode ? name : `${name}: ${details.kind}`,
        status: details.status,
        ...(running === undefined && timeMs !== undefined && { startedAtMs: timeMs }),
        ...(running?.timeMs !== undefined &&
          timeMs !== undefined && { durationMs: timeMs - running.timeMs }),
        detail: includeTraceText ? contents : details.summary(contents),
      }),
    );
  };

  return {
    map(frame, emit) {
      const member = unionMember(frame);
      switch (member?.name) {
        case 'flowOutputEvent':
          return output(member.value as FlowOutputEvent, emit);
        case 'flowTraceEvent':
          return trace(frame.flowTraceEvent?.trace, emit);
        case 'flowMultiTurnInputRequestEvent':
          return question(member.value as FlowMultiTurnInputRequestEvent, emit);
        case 'flowCompletionEvent':
          completionReason = frame.flowCompletionEvent?.completionReason ?? 'SUCCESS';
          return;
        default:
          if (member !== undefined)
            emit({ type: 'RAW', event: { [member.name]: member.value }, source });
      }
    },
    finish() {
      if (completionReason === undefined) return undefined;
      return {
        ...(interrupts.length > 0 && { outcome: { type: 'interrupt', interrupts } }),
        result: { completionReason, ...(executionId !== undefined && { executionId }) },
      };
    },
  };
}

interface TraceDetails {
  readonly kind: 'input' | 'output' | 'condition' | 'action' | 'dependency';
  readonly status: 'started' | 'finished';
  /** What is safe to show: names, never contents. */
  summary(contents: object): object;
}

const TRACES: Readonly<Record<string, TraceDetails>> = {
  nodeInputTrace: {
    kind: 'input',
    status: 'started',
    summary: (contents) => ({ fields: namesOf(contents, 'fields', 'nodeInputName') }),
  },
  nodeOutputTrace: {
    kind: 'output',
    status: 'finished',
    summary: (contents) => ({ fields: namesOf(contents, 'fields', 'nodeOutputName') }),
  },
  conditionNodeResultTrace: {
    kind: 'condition',
    status: 'finished',
    summary: (contents) => ({
      satisfiedConditions: namesOf(contents, 'satisfiedConditions', 'conditionName'),
    }),
  },
  nodeActionTrace: {
    kind: 'action',
    status: 'finished',
    summary: (contents) => {
      const { serviceName, operationName } = contents as Record<string, unknown>;
      return { serviceName, operationName };
    },
  },
  nodeDependencyTrace: {
    kind: 'dependency',
    status: 'finished',
    summary: () => ({}),
  },
};

function namesOf(contents: object, list: string, name: string): unknown[] {
  const items = (contents as Record<string, unknown>)[list];
  return Array.isArray(items) ? items.map((item: Record<string, unknown>) => item[name]) : [];
}
