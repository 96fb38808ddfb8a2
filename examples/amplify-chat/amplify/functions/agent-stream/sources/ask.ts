import type { AgentEvent, RunRequest } from '@magi/lambda-stream';
import type { AgentAddress, Role } from '../environment';

/** One question for one agent. */
export interface AgentQuestion {
  readonly agent: AgentAddress;
  readonly role: Role;
  /** The conversation; its last user message is the question. */
  readonly input: RunRequest['input'];
  /** The conversation's session: the caller's own, whatever thread id the browser sent. */
  readonly sessionId: string;
  readonly signal: AbortSignal;
}

/** Asks one agent and yields its answer as one AG-UI run. The handler and the council know no more of where agents live. */
export type Ask = (question: AgentQuestion) => AsyncIterable<AgentEvent>;
