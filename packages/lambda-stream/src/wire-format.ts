import type { AgentEvent } from '@magi/stream-protocol';
import type { StandardSchema } from './standard-schema';

/** What a door speaks instead of AG-UI: option `wireFormat`. */
export interface WireFormat {
  /** Turns the body of a request into the one that `input` reads. What it refuses is a 400. Default: the body as it is. */
  readonly request?: StandardSchema;
  /** Headers of a run's response, beside those of every event stream. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Creates the encoder of one run, whose `body` is what `request` made of the request's. The encoder is given the run's events in the order of their delivery, from RUN_STARTED to the
   * terminal one, after they were checked and paced. What it returns is written as it is: whole SSE frames, or `''`. What it
   * throws ends the run with `INVALID_EVENT`.
   */
  createEncoder(body: unknown): (event: AgentEvent) => string;
}
