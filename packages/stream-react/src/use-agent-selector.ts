import type { Conversation, ConversationSnapshot } from '@magi/stream-client';
import { useContext, useInsertionEffect, useMemo, useRef } from 'react';
import { StreamContext } from './stream-context';
import { type Thread, threadOf } from './thread';
import { useStoreValue } from './use-store-value';

/**
 * Returns a part of the conversation and re-renders only when that part changes.
 *
 * The selector runs at every notification (at most once per frame) and may be written inline. One that builds a new object each
 * time needs `isEqual`, or the component re-renders as often as the conversation changes.
 *
 * @param isEqual - says that the part did not change; the previous object is returned again. Default: `Object.is`.
 *
 * @example
 * ```tsx
 * import type { Conversation } from '@magi/stream-client';
 * import { useAgentSelector } from '@magi/stream-react';
 *
 * function Tokens({ conversation }: { conversation: Conversation }) {
 *   const total = useAgentSelector(conversation, ({ usage }) => usage.reduce((sum, u) => sum + (u.totalTokens ?? 0), 0));
 *   return <output>{total} tokens</output>;
 * }
 * ```
 */
export function useAgentSelector<TState, TSelected>(
  conversation: Conversation<TState>,
  selector: (snapshot: ConversationSnapshot<TState>) => TSelected,
  isEqual: (a: TSelected, b: TSelected) => boolean = Object.is,
): TSelected {
  const provided = useContext(StreamContext);
  const thread = (
    provided?.thread.conversation === conversation ? provided.thread : threadOf(conversation)
  ) as Thread<TState>;
  const shown = useRef<{ readonly value: TSelected } | undefined>(undefined);
  const select = useMemo(() => {
    // Kept here and not in a ref: a render that is thrown away must leave nothing behind.
    let last: { from: ConversationSnapshot<TState>; value: TSelected } | undefined;
    return (from: ConversationSnapshot<TState>): TSelected => {
      if (last?.from === from) return last.value;
      const selected = selector(from);
      const previous = last ?? shown.current;
      const value = previous && isEqual(previous.value, selected) ? previous.value : selected;
      last = { from, value };
      return value;
    };
  }, [selector, isEqual]);
  const value = useStoreValue(thread, provided?.updates ?? 'sync', select);
  useInsertionEffect(() => {
    shown.current = { value };
  }, [value]);
  return value;
}
