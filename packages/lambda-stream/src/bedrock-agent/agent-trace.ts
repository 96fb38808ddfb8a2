import type {
  FailureTrace,
  GuardrailTrace,
  InlineAgentTracePart,
  InvocationInput,
  ModelInvocationInput,
  Observation,
  OrchestrationModelInvocationOutput,
  PreProcessingModelInvocationOutput,
  Rationale,
  TracePart,
} from '@aws-sdk/client-bedrock-agent-runtime';
import type { TraceStep } from '@magi/stream-protocol';
import { customEvent } from '@magi/stream-protocol';
import { toBase64 } from '../sources/base64';
import { guardrailPolicies } from '../sources/guardrail-policies';
import { emitReasoning } from '../sources/reasoning';
import type { Emit } from '../sources/run-upstream';
import { unionMember } from '../sources/union-member';
import type { UsageTotal } from '../sources/usage';
import type { AgentScope, AgentScopes } from './agent-scope';
import { createToolCalls } from './tool-calls';

interface TraceContext {
  readonly scopes: AgentScopes;
  readonly usage: UsageTotal;
  readonly includeText: boolean;
}

/** Where a step belongs and when it happened. */
interface StepContext {
  readonly scope: AgentScope;
  readonly kind: string;
  readonly timeMs: number | undefined;
}

type ModelOutput = OrchestrationModelInvocationOutput & PreProcessingModelInvocationOutput;

/** The trace kinds of the service and what they are called in `magi.trace`. */
const KINDS: Readonly<Record<string, string>> = {
  preProcessingTrace: 'pre-processing',
  orchestrationTrace: 'orchestration',
  routingClassifierTrace: 'routing-classifier',
  postProcessingTrace: 'post-processing',
};

/** Turns the traces of an agent and its collaborators into reasoning, tool calls, subagents, usage and trace steps. */
export function createTraceMapper(
  context: TraceContext,
): (part: TracePart | InlineAgentTracePart, emit: Emit) => void {
  const { scopes, usage, includeText } = context;
  const toolCalls = createToolCalls();
  /** Which model answers is said only where it is asked. */
  const modelOfTrace = new Map<string, string>();

  const step = (where: StepContext, value: Omit<TraceStep, 'kind'>, emit: Emit): void => {
    emit({
      ...customEvent('magi.trace', {
        kind: where.kind,
        ...(where.timeMs !== undefined &&
          value.status === 'started' && { startedAtMs: where.timeMs }),
        ...value,
      }),
      ...where.scope.attribution,
    });
  };

  const modelInput = (where: StepContext, input: ModelInvocationInput, emit: Emit): void => {
    const { foundationModel, type, inferenceConfiguration, text } = input;
    const traceId = input.traceId ?? where.scope.message.messageId;
    if (foundationModel !== undefined) modelOfTrace.set(traceId, foundationModel);
    const detail = {
      ...(foundationModel !== undefined && { foundationModel }),
      ...(type !== undefined && { promptType: type }),
      ...(inferenceConfiguration !== undefined && { inferenceConfiguration }),
      ...(includeText && text !== undefined && { prompt: text }),
    };
    step(where, { id: `${traceId}:model`, label: 'Model call', status: 'started', detail }, emit);
  };

  const modelOutput = (where: StepContext, output: ModelOutput, emit: Emit): void => {
    const { metadata, rawResponse, parsedResponse, reasoningContent } = output;
    const traceId = output.traceId ?? where.scope.message.messageId;
    const model = modelOfTrace.get(traceId);
    modelOfTrace.delete(traceId);
    const { inputTokens, outputTokens } = metadata?.usage ?? {};
    if (metadata?.usage !== undefined) {
      const totalTokens = (inputTokens ?? 0) + (outputTokens ?? 0);
      for (const total of [usage, where.scope.usage]) {
        total.add(model, { inputTokens, outputTokens, totalTokens });
      }
    }
    const detail = {
      ...(inputTokens !== undefined && { inputTokens }),
      ...(outputTokens !== undefined && { outputTokens }),
      ...(parsedResponse?.isValid !== undefined && { isValid: parsedResponse.isValid }),
      ...(includeText && rawResponse?.content !== undefined && { response: rawResponse.content }),
    };
    step(
      where,
      {
        id: `${traceId}:model`,
        label: 'Model call',
        status: 'finished',
        ...(metadata?.totalTimeMs !== undefined && { durationMs: metadata.totalTimeMs }),
        detail,
      },
      emit,
    );
    const redacted = reasoningContent?.redactedContent;
    const reasoning = reasoningContent?.reasoningText;
    if (reasoning !== undefined || redacted !== undefined) {
      reason(
        where.scope,
        {
          text: reasoning?.text,
          encryptedValue: redacted === undefined ? reasoning?.signature : toBase64(redacted),
        },
        emit,
      );
    }
    if (parsedResponse?.rationale !== undefined) {
      reason(where.scope, { text: parsedResponse.rationale }, emit);
    }
  };

  const reason = (
    scope: AgentScope,
    content: { text?: string | undefined; encryptedValue?: string | undefined },
    emit: Emit,
  ): void => {
    const id = `${scope.message.messageId}:reasoning:${scope.nextNumber()}`;
    emitReasoning(id, content, scope.attribution, emit);
  };

  const invocation = (where: StepContext, input: InvocationInput, emit: Emit): void => {
    const collaborator = input.agentCollaboratorInvocationInput?.agentCollaboratorName;
    if (collaborator !== undefined) scopes.start(collaborator, where.scope, emit);
    else toolCalls.start(where.scope, input, where.timeMs, emit);
  };

  const observation = (where: StepContext, seen: Observation, emit: Emit): void => {
    const { agentCollaboratorInvocationOutput: collaborator, repromptResponse } = seen;
    const name = collaborator?.agentCollaboratorName;
    if (collaborator !== undefined && name !== undefined) {
      const scope = scopes.enter(name, emit);
      if (collaborator.output?.text !== undefined)
        scope.message.append(collaborator.output.text, emit);
      // A collaborator that returned control is suspended, not finished, until the run ends.
      if (collaborator.output?.type !== 'RETURN_CONTROL') scopes.finish(name, emit);
      return;
    }
    if (toolCalls.finish(where.scope, seen, emit)) return;
    const id = `${seen.traceId ?? where.scope.message.messageId}:${seen.type ?? 'observation'}`;
    if (repromptResponse !== undefined) {
      const source = repromptResponse.source?.toLowerCase().replaceAll('_', ' ');
      const detail = includeText ? { text: repromptResponse.text } : undefined;
      step(
        where,
        {
          id,
          label: source === undefined ? 'Reprompt' : `Reprompt by ${source}`,
          status: 'finished',
          ...(detail !== undefined && { detail }),
        },
        emit,
      );
      return;
    }
    // The final response repeats the text of the chunks.
    const label = seen.type === 'ASK_USER' ? 'Question to the user' : 'Answer complete';
    step(where, { id, label, status: 'finished' }, emit);
  };

  const guardrail = (where: StepContext, value: GuardrailTrace, emit: Emit): void => {
    const policies = guardrailPolicies([
      ...(value.inputAssessments ?? []),
      ...(value.outputAssessments ?? []),
    ]);
    const isIntervention = value.action === 'INTERVENED';
    const id =
      value.traceId ?? `${where.scope.message.messageId}:guardrail:${where.scope.nextNumber()}`;
    step(
      where,
      {
        id,
        label: isIntervention ? 'Guardrail intervened' : 'Guardrail passed',
        status: 'finished',
        detail: { policies },
      },
      emit,
    );
    if (isIntervention) {
      const notice = customEvent('magi.guardrail', { action: 'intervened', policies });
      emit({ ...notice, ...where.scope.attribution });
    }
  };

  const failure = (where: StepContext, value: FailureTrace, emit: Emit): void => {
    const { failureCode, failureReason } = value;
    const id =
      value.traceId ?? `${where.scope.message.messageId}:failure:${where.scope.nextNumber()}`;
    const detail = {
      ...(failureCode !== undefined && { failureCode }),
      ...(includeText && failureReason !== undefined && { failureReason }),
    };
    step(where, { id: `${id}:failure`, label: 'Failure', status: 'failed', detail }, emit);
    if (where.scope.name !== undefined) scopes.fail(where.scope.name, emit);
  };

  const raw = (where: StepContext, name: string, value: unknown, emit: Emit): void => {
    // What an unknown trace holds is unknown: it may be a prompt.
    const event = { trace: { [name]: includeText ? value : {} } };
    emit({ type: 'RAW', event, source: 'bedrock-agent', ...where.scope.attribution });
  };

  return (part, emit) => {
    const member = unionMember(part.trace);
    if (member === undefined) return;
    const where: StepContext = {
      scope: scopes.enter(part.collaboratorName, emit),
      kind: KINDS[member.name] ?? 'unknown',
      timeMs: part.eventTime?.getTime(),
    };
    if (member.name === 'guardrailTrace') {
      guardrail({ ...where, kind: 'guardrail' }, member.value as GuardrailTrace, emit);
      return;
    }
    if (member.name === 'failureTrace') {
      failure({ ...where, kind: 'failure' }, member.value as FailureTrace, emit);
      return;
    }
    if (member.name === 'customOrchestrationTrace') {
      const custom = part.trace?.customOrchestrationTrace;
      const id = `${custom?.traceId ?? where.scope.message.messageId}:${where.scope.nextNumber()}`;
      const text = includeText ? custom?.event?.text : undefined;
      step(
        { ...where, kind: 'custom-orchestration' },
        {
          id,
          label: 'Custom orchestration',
          status: 'finished',
          ...(text !== undefined && { detail: { text } }),
        },
        emit,
      );
      return;
    }
    if (member.isUnknown || where.kind === 'unknown') {
      raw(where, member.name, member.value, emit);
      return;
    }
    const inner = unionMember(member.value as object);
    switch (inner?.name) {
      case 'modelInvocationInput':
        return modelInput(where, inner.value as ModelInvocationInput, emit);
      case 'modelInvocationOutput':
        return modelOutput(where, inner.value as ModelOutput, emit);
      case 'rationale':
        return reason(where.scope, { text: (inner.value as Rationale).text }, emit);
      case 'invocationInput':
        return invocation(where, inner.value as InvocationInput, emit);
      case 'observation':
        return observation(where, inner.value as Observation, emit);
      default:
        if (inner !== undefined) raw(where, `${member.name}.${inner.name}`, inner.value, emit);
    }
  };
}
