import type { RunOutcomeView } from '@magi/stream-client';
import type { TabLock } from './tab-lock';

export const DROPPED: RunOutcomeView = { status: 'dropped' };

type Start = () => Promise<RunOutcomeView>;

/** What this tab asks of a thread that all tabs share: each turn begins after those that were asked for before it. */
export interface Turns {
  /** Something that was asked has not ended: it runs, or waits. */
  readonly isActive: boolean;
  /** This tab runs the thread, or is about to. */
  readonly isRunning: boolean;
  /** Waits for the tab that runs the thread, until `signal` aborts. Default: until `drop`. */
  ask(start: Start, signal?: AbortSignal): Promise<RunOutcomeView>;
  /** Resolves to `undefined`, without a turn, while another tab runs the thread. */
  tryAsk(start: Start): Promise<RunOutcomeView | undefined>;
  /** Drops what has not begun. */
  drop(): void;
}

interface TurnHooks {
  /** `isActive` may have changed. */
  onActive(): void;
  /** What comes before each turn; the first may follow the turns of other tabs. */
  prepare(isFirst: boolean): Promise<void>;
  /** What comes after each turn, before another tab runs the thread. */
  finish(): Promise<void>;
}

export function createTurns(lock: TabLock, { onActive, prepare, finish }: TurnHooks): Turns {
  let asked = 0;
  let running = 0;
  let dropping = new AbortController();
  /** Kept when all turns so far have been prepared: what is asked meanwhile, by a listener perhaps, does not overtake them. */
  let prepared = Promise.resolve();

  async function turn(start: Start, { signal }: AbortController): Promise<RunOutcomeView> {
    running += 1;
    const isFirst = running === 1;
    prepared = prepared.then(() => prepare(isFirst));
    try {
      await prepared;
      return signal.aborted ? DROPPED : await start();
    } finally {
      await finish();
      running -= 1;
    }
  }

  /** What waits is dropped by the controller of the time when it was asked for. */
  async function enter<T>(start: Start, through: (task: Start) => Promise<T>): Promise<T> {
    const mine = dropping;
    asked += 1;
    onActive();
    try {
      return await through(() => turn(start, mine));
    } finally {
      asked -= 1;
      onActive();
    }
  }

  return {
    get isActive() {
      return asked > 0;
    },
    get isRunning() {
      return running > 0;
    },
    ask: async (start, signal = dropping.signal) =>
      (await enter(start, (task) => lock.run(task, signal))) ?? DROPPED,
    tryAsk: (start) => enter(start, lock.tryRun),
    drop() {
      dropping.abort();
      dropping = new AbortController();
    },
  };
}
