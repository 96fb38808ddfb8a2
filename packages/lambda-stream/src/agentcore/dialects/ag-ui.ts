import type { Interrupt, RunFinishedEvent, TokenUsage } from '@magi/stream-protocol';
import { checkAgentEvent, createRunLifecycle } from '@magi/stream-protocol';
import { AgentStreamError } from '../../agent-stream-error';
import type { FrameMapper, RunSummary } from '../../sources/run-upstream';

/**
 * Passes AG-UI events on as they are.
 *
 * The run of the inner agent becomes part of the outer one: its RUN_STARTED and RUN_FINISHED are taken in, what
 * RUN_FINISHED says is kept, and its RUN_ERROR fails the outer run with its own message and code, which AG-UI means for
 * the client.
 */
export function createAgUiMapper(): FrameMapper<unknown> {
  const lifecycle = createRunLifecycle();
  const usage: TokenUsage[] = [];
  const interrupts: Interrupt[] = [];
  let finished: RunFinishedEvent | undefined;

  return {
    map(value, emit) {
      // What the Python SDK writes for `None` is no event, and no wrong one.
      const event = value === null ? undefined : checked(() => checkAgentEvent(value));
      if (event === undefined) {
        emit({ type: 'RAW', event: value, source: 'agentcore-runtime' });
        return;
      }
      checked(() => lifecycle.accept(event));
      switch (event.type) {
        case 'RUN_STARTED':
          finished = undefined;
          return;
        case 'RUN_FINISHED':
          finished = event;
          usage.push(...(event.usage ?? []));
          if (event.outcome?.type === 'interrupt') interrupts.push(...event.outcome.interrupts);
          return;
        case 'RUN_ERROR':
          throw new AgentStreamError(event.message, {
            code: event.code ?? 'AGENT_FAILED',
            ...(event.usage !== undefined && { usage: event.usage }),
            ...(typeof event.metadata?.retryable === 'boolean' && {
              retryable: event.metadata.retryable,
            }),
          });
        default:
          emit(event);
      }
    },
    finish() {
      if (finished === undefined) return undefined;
      const { outcome, result } = finished;
      const summary: RunSummary = {
        ...(usage.length > 0 && { usage }),
        ...(interrupts.length > 0
          ? { outcome: { type: 'interrupt', interrupts } }
          : outcome !== undefined && { outcome }),
        ...(result !== undefined && { result }),
      };
      return summary;
    },
  };
}

/** Runs a check of an inner event; one that fails is the inner agent's mistake. */
function checked<T>(check: () => T): T {
  try {
    return check();
  } catch (cause) {
    throw new AgentStreamError('The agent sent an invalid event', {
      code: 'INVALID_EVENT',
      retryable: false,
      cause,
    });
  }
}
