import type { AgentEvent } from '@magi/stream-protocol';
import type { ResolvedPaceOptions } from './pace/pace-options';
import { createPacer } from './pace/pacer';

/** Hands events on when the pacer says so. */
export interface PacedDelivery {
  push(event: AgentEvent): void;
  /** Hands on everything that is held. */
  flush(): void;
  /** Ends the timer; what is held stays held. */
  stop(): void;
}

export interface PacedTarget {
  deliver(event: AgentEvent): void;
  /** While true, due text stays with the pacer, which joins it; `resume` is to be called afterwards. */
  isBehind(): boolean;
  catchUp(): Promise<void>;
  /** What `deliver` threw outside a `push` or a `flush`. */
  fail(error: unknown): void;
}

export function createPacedDelivery(
  options: ResolvedPaceOptions,
  { deliver, isBehind, catchUp, fail }: PacedTarget,
): PacedDelivery {
  const { clock } = options;
  const pacer = createPacer(options);
  let timer: unknown;
  let armedFor = Number.POSITIVE_INFINITY;
  let stopped = false;

  const arm = (now: number): void => {
    const { dueAt } = pacer;
    if (stopped || dueAt === armedFor) return;
    clock.clearTimeout(timer);
    armedFor = dueAt;
    if (dueAt !== Number.POSITIVE_INFINITY)
      timer = clock.setTimeout(onTimer, Math.max(0, dueAt - now));
  };
  const deliverDue = (): void => {
    const now = clock.now();
    if (pacer.dueAt <= now) for (const event of pacer.take()) deliver(event);
    arm(now);
  };
  const onTimer = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    if (stopped) return;
    if (isBehind()) {
      void catchUp().then(onTimer);
      return;
    }
    try {
      deliverDue();
    } catch (error) {
      fail(error);
    }
  };

  return {
    push: (event) => {
      pacer.push(event);
      // The timer is set for it already: a burst costs one timer, not one per event.
      if (pacer.dueAt !== armedFor) deliverDue();
    },
    flush: () => {
      for (const event of pacer.flush()) deliver(event);
    },
    stop: () => {
      stopped = true;
      clock.clearTimeout(timer);
    },
  };
}
