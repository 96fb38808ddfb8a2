import type { Conversation, InterruptAnswer, RunOutcomeView, UserInput } from '@magi/stream-client';
import type { AgentStreamActions } from './agent-stream-types';

interface MountSend {
  readonly message: string | UserInput;
  readonly outcome: Promise<RunOutcomeView>;
}

/** The functions of one conversation, and what they have to know about mounting. */
export interface StreamActions {
  readonly actions: AgentStreamActions;
  /** Says that the effects of a component were cleaned up. */
  onCleanup(): void;
}

/**
 * Binds the functions of a conversation, once for all components that show it.
 *
 * StrictMode runs the effects of a mount, their clean-up, and the effects again, all in one go. A message that an effect sends is
 * the same message both times, so the second call returns the outcome of the first instead of paying for another run.
 */
export function bindActions(conversation: Conversation): StreamActions {
  let recent: MountSend[] = [];
  let replaying = false;
  const forget = () => {
    recent = [];
    replaying = false;
  };

  const actions: AgentStreamActions = {
    send(message, options) {
      if (replaying) {
        const text = JSON.stringify(message);
        const index = recent.findIndex((sent) => JSON.stringify(sent.message) === text);
        const [same] = index < 0 ? [] : recent.splice(index, 1);
        if (same) return same.outcome;
      }
      const outcome = conversation.send(message, options);
      // React replays synchronously: what comes after this task's microtasks is a new message.
      if (recent.push({ message, outcome }) === 1) queueMicrotask(forget);
      return outcome;
    },
    stop() {
      forget();
      conversation.stop();
    },
    clear() {
      forget();
      conversation.clear();
    },
    regenerate: (messageId, options) => conversation.regenerate(messageId, options),
    respond: (interruptId: string, answer: InterruptAnswer) =>
      conversation.respond(interruptId, answer),
    resume: () => conversation.resume(),
  };
  return {
    actions,
    onCleanup() {
      replaying = recent.length > 0;
    },
  };
}
