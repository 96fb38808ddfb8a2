import type { Metadata } from '@magi/stream-protocol';
import type { Emit } from '../sources/run-upstream';
import type { Attribution, TextMessage } from '../sources/text-message';
import { createTextMessage } from '../sources/text-message';
import type { UsageTotal } from '../sources/usage';
import { createUsageTotal } from '../sources/usage';

/** One agent at work: the one that was invoked, or one invocation of a collaborator. */
export interface AgentScope {
  /** The collaborator's name; absent for the agent that was invoked. */
  readonly name?: string;
  readonly attribution: Attribution;
  readonly message: TextMessage;
  /** What its own model calls used. */
  readonly usage: UsageTotal;
  /** Numbers the reasoning messages and tool calls of this agent. */
  nextNumber(): number;
}

/** The agents of one answer. */
export interface AgentScopes {
  readonly root: AgentScope;
  /** The running invocation of a collaborator, started now if there is none; the root without a name. */
  enter(name: string | undefined, emit: Emit): AgentScope;
  start(name: string, parent: AgentScope, emit: Emit): AgentScope;
  finish(name: string, emit: Emit): void;
  fail(name: string, emit: Emit): void;
  /** Marks a collaborator as waiting for the interrupts that it raised; it ends when the run does. */
  suspend(name: string, interruptId: string): void;
  finishAll(emit: Emit): void;
}

export function createAgentScopes(): AgentScopes {
  const root = createScope({});
  const running = new Map<string, AgentScope>();
  const interruptIds = new Map<AgentScope, string[]>();

  const scopes: AgentScopes = {
    root,
    enter(name, emit) {
      if (name === undefined) return root;
      return running.get(name) ?? scopes.start(name, root, emit);
    },
    start(name, parent, emit) {
      scopes.finish(name, emit);
      const subagentRunId = globalThis.crypto.randomUUID();
      const scope = createScope({ name, subagentRunId });
      running.set(name, scope);
      const parentSubagentRunId = parent.attribution.subagentRunId;
      emit({
        type: 'SUBAGENT_STARTED',
        subagentRunId,
        name,
        ...(parentSubagentRunId !== undefined && { parentSubagentRunId }),
        parentMessageId: parent.message.messageId,
      });
      return scope;
    },
    finish(name, emit) {
      const scope = running.get(name);
      if (scope?.attribution.subagentRunId === undefined) return;
      running.delete(name);
      scope.message.end(emit);
      const ids = interruptIds.get(scope);
      emit({
        type: 'SUBAGENT_FINISHED',
        subagentRunId: scope.attribution.subagentRunId,
        ...(ids !== undefined && { outcome: { type: 'suspended', interruptIds: ids } }),
        ...usageMetadata(scope),
      });
    },
    fail(name, emit) {
      const scope = running.get(name);
      if (scope?.attribution.subagentRunId === undefined) return;
      running.delete(name);
      scope.message.end(emit);
      emit({
        type: 'SUBAGENT_ERROR',
        subagentRunId: scope.attribution.subagentRunId,
        message: 'The collaborator failed',
        code: 'COLLABORATOR_FAILED',
        ...usageMetadata(scope),
      });
    },
    suspend(name, interruptId) {
      const scope = running.get(name);
      if (scope === undefined) return;
      interruptIds.set(scope, [...(interruptIds.get(scope) ?? []), interruptId]);
    },
    finishAll(emit) {
      // Innermost first: a collaborator started later may belong to one started earlier.
      for (const name of [...running.keys()].reverse()) scopes.finish(name, emit);
      root.message.end(emit);
    },
  };
  return scopes;
}

/** AG-UI has no field for the usage of a subagent. */
function usageMetadata(scope: AgentScope): { metadata?: Metadata } {
  const { usage } = scope.usage.summary();
  return usage === undefined ? {} : { metadata: { usage } };
}

function createScope(identity: { name?: string; subagentRunId?: string }): AgentScope {
  const { name, subagentRunId } = identity;
  const attribution = subagentRunId === undefined ? {} : { subagentRunId };
  let number = 0;
  return {
    ...(name !== undefined && { name }),
    attribution,
    message: createTextMessage(globalThis.crypto.randomUUID(), attribution),
    usage: createUsageTotal(),
    nextNumber() {
      number += 1;
      return number;
    },
  };
}
