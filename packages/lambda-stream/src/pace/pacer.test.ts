import type { AgentEvent } from '@magi/stream-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.fixture';
import type { PaceOptions } from './pace-options';
import { resolvePaceOptions } from './pace-options';
import { createPacer } from './pacer';

interface Timed {
  at: number;
  event: AgentEvent;
}

/** Plays a timed source against the pacer; the end of the source flushes. */
function play(source: Timed[], options: PaceOptions = {}): Timed[] {
  const clock = createFakeClock();
  const pacer = createPacer(resolvePaceOptions({ ...options, clock }));
  const delivered: Timed[] = [];
  const take = (events: AgentEvent[]) => {
    for (const event of events) delivered.push({ at: clock.now(), event });
  };
  const runUntil = (time: number) => {
    while (pacer.dueAt <= time) {
      clock.advanceTo(Math.max(pacer.dueAt, clock.now()));
      take(pacer.take());
    }
    clock.advanceTo(time);
  };
  for (const { at, event } of source) {
    runUntil(at - 0.001);
    clock.advanceTo(at);
    pacer.push(event);
    if (pacer.dueAt <= at) take(pacer.take());
  }
  take(pacer.flush());
  return delivered;
}

const text = (delta: string, messageId = 'm1', subagentRunId?: string): AgentEvent => ({
  type: 'TEXT_MESSAGE_CONTENT',
  messageId,
  delta,
  ...(subagentRunId === undefined ? {} : { subagentRunId }),
});
const start: AgentEvent = { type: 'TEXT_MESSAGE_START', messageId: 'm1' };
const end: AgentEvent = { type: 'TEXT_MESSAGE_END', messageId: 'm1' };

const isText = ({ event }: Timed) => event.type === 'TEXT_MESSAGE_CONTENT';
const deltaOf = ({ event }: Timed) => ('delta' in event ? String(event.delta) : '');
const textOf = (events: Timed[], messageId = 'm1') =>
  events
    .filter(
      ({ event }) =>
        isText({ at: 0, event }) && 'messageId' in event && event.messageId === messageId,
    )
    .map(deltaOf)
    .join('');

const JAPANESE =
  '承認します。この提案は、経営的な観点から見て妥当だと考えられます。リスクは限定的で、効果は大きいでしょう。' +
  '👨‍👩‍👧‍👦のような家族構成や🇯🇵の法律、葛󠄀飾区の条例、そしてか\u3099ぎの濁点も考慮しました。👍🏽 Recommended with conditions. ';

/** The intervals between the text events after the last of which the source went on, and their share within bounds. */
function shareWithin(delivered: Timed[], low: number, high: number): number {
  const times = delivered.filter(isText).map(({ at }) => at);
  const intervals = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  return (
    intervals.filter((interval) => interval >= low && interval <= high).length / intervals.length
  );
}

/** For each character, how long after its production it was delivered. */
function lags(source: Timed[], delivered: Timed[]): number[] {
  const produced = source
    .filter(isText)
    .flatMap((timed) => [...deltaOf(timed).split('')].map(() => timed.at));
  const out = delivered.filter(isText).flatMap((timed) =>
    deltaOf(timed)
      .split('')
      .map(() => timed.at),
  );
  return out.map((at, index) => at - (produced[index] ?? 0));
}

function tokens(intervalMs: number, count: number, size = 4): Timed[] {
  const characters = [...JAPANESE.repeat(Math.ceil((count * size) / JAPANESE.length) + 1)];
  return Array.from({ length: count }, (_, index) => ({
    at: index * intervalMs,
    event: text(characters.slice(index * size, (index + 1) * size).join('')),
  }));
}

function graphemeBorders(whole: string): Set<number> {
  const segments = new Intl.Segmenter('ja', { granularity: 'grapheme' }).segment(whole);
  return new Set([...segments].map(({ index }) => index).concat(whole.length));
}

function expectWholeGraphemes(delivered: Timed[]): void {
  const borders = graphemeBorders(textOf(delivered));
  let offset = 0;
  for (const timed of delivered.filter(isText)) {
    offset += deltaOf(timed).length;
    expect(borders, `cut at ${offset} after "${deltaOf(timed)}"`).toContain(offset);
  }
}

describe('createPacer() in time', () => {
  it('never delays the first delta of a message', () => {
    for (const size of [1, 4, 50, 500]) {
      const [first] = play(tokens(1, 50, size)).filter(isText);
      expect(first?.at).toBe(0);
    }
  });

  it.each([1, 5])(
    'joins a source of one delta per %i ms to intervals of 20 to 50 ms',
    (intervalMs) => {
      const source = tokens(intervalMs, 2000);
      const delivered = play(source);
      expect(shareWithin(delivered, 20, 50)).toBeGreaterThanOrEqual(0.95);
      expect(Math.max(...lags(source, delivered))).toBeLessThanOrEqual(50);
      expect(textOf(delivered)).toBe(textOf(source));
    },
  );

  it.each([32, 45, 200])('delivers a source of one delta per %i ms as it comes', (intervalMs) => {
    const source = tokens(intervalMs, 200, 3).map(({ at }, index) => ({
      at,
      event: text(`日本${index % 10}`),
    }));
    expect(play(source)).toEqual(source);
  });

  it.each([100, 200, 250, 400])(
    'spreads 50-character blocks every %i ms over 20 to 50 ms',
    (intervalMs) => {
      const source = tokens(intervalMs, 60, 50);
      const delivered = play(source);
      expect(shareWithin(delivered, 20, 50)).toBeGreaterThanOrEqual(0.95);
      expect(Math.max(...lags(source, delivered))).toBeLessThanOrEqual(500);
      expectWholeGraphemes(delivered);
    },
  );

  it('spreads blocks that come up to a quarter sooner or later than usual', () => {
    let at = 0;
    const source = tokens(1, 100, 50).map(({ event }, index) => {
      // A fixed, uneven pattern: 187 to 313 ms.
      at += 250 * (0.75 + ((index * 37) % 51) / 100);
      return { at, event };
    });
    expect(shareWithin(play(source), 20, 50)).toBeGreaterThanOrEqual(0.95);
  });

  it('keeps the lag under maxLagMs when blocks are rare', () => {
    const source = tokens(3000, 10, 400);
    const delivered = play(source, { maxLagMs: 300 });
    expect(Math.max(...lags(source, delivered))).toBeLessThanOrEqual(300);
  });
});

describe('createPacer() in order', () => {
  it('never lets an event overtake text of its own message', () => {
    const source = [start, text('あ'.repeat(200)), end].map((event) => ({ at: 0, event }));
    const delivered = play([
      ...source,
      { at: 1000, event: { type: 'RUN_FINISHED', threadId: 't', runId: 'r' } },
    ]);
    expect(delivered.map(({ event }) => event.type).at(-2)).toBe('TEXT_MESSAGE_END');
    expect(delivered.at(-2)?.at).toBeLessThanOrEqual(50);
    expect(delivered.filter(isText).length).toBeGreaterThan(1);
  });

  it('lets an event of another subagent pass at once', () => {
    const delivered = play([
      { at: 0, event: text('あ'.repeat(200), 'm1', 'caspar') },
      { at: 1, event: { type: 'STEP_STARTED', stepName: 'vote', subagentRunId: 'melchior' } },
      { at: 900, event: { type: 'RUN_FINISHED', threadId: 't', runId: 'r' } },
    ]);
    expect(delivered.find(({ event }) => event.type === 'STEP_STARTED')?.at).toBe(1);
  });

  it('lets a citation wait for the block that it belongs to', () => {
    const citation: AgentEvent = { type: 'CUSTOM', name: 'magi.citation', value: {} };
    const delivered = play([
      { at: 0, event: text('あ'.repeat(100)) },
      { at: 0, event: citation },
      { at: 2000, event: end },
    ]);
    const at = delivered.find(({ event }) => event === citation)?.at ?? 0;
    expect(at).toBeGreaterThan(100);
    expect(at).toBeLessThanOrEqual(500);
  });

  it('delivers a delta with metadata unchanged and in its place', () => {
    const marked: AgentEvent = {
      type: 'TEXT_MESSAGE_CONTENT',
      messageId: 'm1',
      delta: 'B',
      metadata: { a: 1 },
    };
    const delivered = play(
      [text('x'), text('A'), marked, text('C')].map((event) => ({ at: 0, event })),
    );
    expect(delivered.map(({ event }) => event)).toContain(marked);
    expect(textOf(delivered)).toBe('xABC');
  });
});

describe('createPacer() in bounds', () => {
  it('joins a burst of 5 000 deltas into a handful of events', () => {
    const delivered = play(
      Array.from({ length: 5000 }, (_, i) => ({ at: 0, event: text(`token ${i} `) })),
    );
    expect(delivered.length).toBeLessThanOrEqual(3);
  });

  it('holds no more than maxBufferedChars', () => {
    const clock = createFakeClock();
    const pacer = createPacer(resolvePaceOptions({ clock, maxBufferedChars: 100 }));
    pacer.push(text('first'));
    pacer.take();
    for (let i = 0; i < 10; i++) pacer.push(text('0123456789 '));
    const due = pacer.take();
    expect(due).toHaveLength(1);
    expect(pacer.dueAt).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('createPacer() at grapheme borders', () => {
  it('waits for the second half of a surrogate pair', () => {
    const delivered = play([
      { at: 0, event: text('a\ud83d') },
      { at: 3000, event: text('\ude00b') },
    ]);
    expect(delivered.filter(isText).map(deltaOf)).toEqual(['a', '😀b']);
  });

  it('waits for the rest of an emoji until the next delta is overdue', () => {
    const delivered = play([
      { at: 0, event: text('👨') },
      { at: 200, event: text('\u200d👩 ') },
      { at: 400, event: text('👍') },
      { at: 2000, event: text('x') },
    ]);
    expect(delivered.map((timed) => [timed.at, deltaOf(timed)])).toEqual([
      [200, '👨\u200d👩 '],
      [700, '👍'],
      [2000, 'x'],
    ]);
  });

  it('waits for a combining mark once the source was seen to send one late', () => {
    const delivered = play([
      { at: 0, event: text('か') },
      { at: 200, event: text('\u3099た') },
      { at: 400, event: text('\u3099') },
    ]);
    expect(delivered.map(deltaOf)).toEqual(['か', '\u3099', 'た\u3099']);
  });
});

describe('createPacer() for any source', () => {
  const owners = ['caspar', 'melchior', undefined];
  const delta = fc.record({
    gap: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 0, max: 700 }),
    ),
    owner: fc.constantFrom(...owners),
    from: fc.nat({ max: JAPANESE.length }),
    length: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 120 })),
    kind: fc.constantFrom('text', 'text', 'text', 'text', 'custom', 'step'),
  });

  it('keeps text, order and the lag bound', () => {
    fc.assert(
      fc.property(fc.array(delta, { maxLength: 80 }), (steps) => {
        let at = 0;
        const source = steps.map(({ gap, owner, from, length, kind }, index): Timed => {
          at += gap;
          const subagent = owner === undefined ? {} : { subagentRunId: owner };
          if (kind === 'custom')
            return { at, event: { type: 'CUSTOM', name: `${index}`, value: 0, ...subagent } };
          if (kind === 'step')
            return { at, event: { type: 'STEP_STARTED', stepName: `${index}`, ...subagent } };
          return { at, event: text(JAPANESE.slice(from, from + length), `m-${owner}`, owner) };
        });
        const delivered = play(source);
        for (const owner of owners) {
          const mine = (events: Timed[]) =>
            events.filter(
              ({ event }) => ('subagentRunId' in event ? event.subagentRunId : undefined) === owner,
            );
          // The owner's events with runs of text joined: the same before and after.
          const shape = (events: Timed[]) =>
            mine(events)
              .map((timed) => (isText(timed) ? deltaOf(timed) : `<${JSON.stringify(timed.event)}>`))
              .join('');
          expect(shape(delivered)).toBe(shape(source));
        }
        const events = (all: Timed[]) =>
          all.filter((timed) => !isText(timed)).map(({ event }) => event);
        expect(events(delivered)).toEqual(events(source));
        for (const { at: deliveredAt, event } of delivered) {
          const producedAt = source.find((timed) => timed.event === event)?.at;
          if (producedAt !== undefined && event.type !== 'TEXT_MESSAGE_CONTENT') {
            expect(deliveredAt - producedAt).toBeLessThanOrEqual(
              event.type === 'CUSTOM' ? 500 : 550,
            );
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('never cuts inside a grapheme cluster, however fast deltas break them', () => {
    const cuts = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 5 })),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(cuts, fc.constantFrom(...graphemeBorders(JAPANESE)), (steps, from) => {
        // The first delta is whole: it is delivered at once.
        const whole = `。${JAPANESE.slice(from)}${JAPANESE}`;
        let offset = 1;
        let at = 0;
        const source: Timed[] = [{ at, event: text('。') }];
        while (offset < whole.length) {
          for (const [units, gap] of steps) {
            at += gap;
            source.push({ at, event: text(whole.slice(offset, offset + units)) });
            offset += units;
          }
        }
        const delivered = play(source);
        expect(textOf(delivered)).toBe(whole);
        expectWholeGraphemes(delivered);
      }),
      { numRuns: 100 },
    );
  });

  it('cuts blocks of whole graphemes only between graphemes', () => {
    const blocks = fc.array(
      fc.tuple(fc.integer({ min: 25, max: 150 }), fc.integer({ min: 0, max: 900 })),
      { minLength: 1, maxLength: 12 },
    );
    const graphemes = [
      ...new Intl.Segmenter('ja', { granularity: 'grapheme' }).segment(JAPANESE.repeat(30)),
    ].map(({ segment }) => segment);
    fc.assert(
      fc.property(blocks, (steps) => {
        let from = 0;
        let at = 0;
        const source = steps.map(([size, gap]): Timed => {
          at += gap;
          const event = text(graphemes.slice(from, from + size).join(''));
          from += size;
          return { at, event };
        });
        const delivered = play(source);
        expect(textOf(delivered)).toBe(textOf(source));
        expectWholeGraphemes(delivered);
        expect(Math.max(...lags(source, delivered))).toBeLessThanOrEqual(500);
      }),
      { numRuns: 100 },
    );
  });
});

describe('whose text it is', () => {
  it('is told by the type of the event, whatever other ids it carries', () => {
    const withCall = (delta: string, messageId: string): AgentEvent =>
      ({ ...text(delta, messageId), toolCallId: 'c1' }) as AgentEvent;
    const source = ['0', '1', '2'].flatMap((n) => [
      { at: 0, event: withCall(`a${n}`, 'a') },
      { at: 0, event: withCall(`b${n}`, 'b') },
    ]);
    const said: Record<string, string> = {};
    for (const { event } of play(source)) {
      if (event.type !== 'TEXT_MESSAGE_CONTENT') continue;
      said[event.messageId] = (said[event.messageId] ?? '') + event.delta;
    }
    expect(said).toEqual({ a: 'a0a1a2', b: 'b0b1b2' });
  });

  it('is the message’s, also when its deltas leave the owner out', () => {
    const source: AgentEvent[] = [
      { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant', subagentRunId: 's' },
      text('One.', 'm'),
      text(' Two comes after it.', 'm'),
      { type: 'TOOL_CALL_START', toolCallId: 'c', toolCallName: 'n', subagentRunId: 's' },
    ];
    const types = play(source.map((event) => ({ at: 0, event }))).map(({ event }) => event.type);
    expect(types.at(-1)).toBe('TOOL_CALL_START');
  });
});
