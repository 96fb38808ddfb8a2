import { createConversation } from '@magi/stream-client';
import type { ConversationFactory } from './agent-stream-types';
import { callPage } from './call-page';
import { createKeptItem, type KeptItem } from './kept-item';
import { createPersistentConversation } from './persistent-conversation';
import { createTabLock, noTabLock } from './tab-lock';

/**
 * Where conversations are kept: `localStorage`, React Native's AsyncStorage, or anything with the same three methods. A promise that
 * it never settles holds back the conversation.
 */
export interface KeyValueStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>;
  setItem(key: string, value: string): unknown;
  removeItem(key: string): unknown;
}

export interface PersistenceOptions {
  /** `local` outlives the tab and is shared by all tabs; `session` lives as long as the tab. */
  readonly storage: 'local' | 'session' | KeyValueStorage;
  /**
   * The storage key is this and `JSON.stringify([url, threadId])`, with `url` as it was given: at another `url` a thread begins anew.
   * Put the user's id in it where users share a browser. Default: `magi-stream:`.
   */
  readonly keyPrefix?: string;
  /**
   * How often a streaming answer is stored, in milliseconds, 0 or more. Default: 1 000 (1 second). What a sudden end of the page
   * loses is at most this; the end of a run and leaving the page are stored at once.
   */
  readonly saveIntervalMs?: number;
  /**
   * Lets one tab at a time run the thread (Web Locks): the others wait with their `send`, or drop it with the policy `drop`, do not
   * resume what this tab is reading, and show what it stored. Default: `true` for `local`, else `false`; refused for `session`, which
   * tabs do not share.
   *
   * What one tab asks is sent in the order it was asked. Over tabs no order is guaranteed: the tab that runs the thread goes on with
   * what it is asked meanwhile. `clear()` reaches the other tabs a moment later: what they ask in that moment is cleared too. Without
   * effect where there are no Web Locks or the browser refuses them: there tabs do not hear of each other, and the last to store wins.
   */
  readonly guardTabs?: boolean;
  /**
   * Told when storing or reading failed (quota, access denied, unreadable data); the conversation goes on. Messages that could not be
   * stored stay in view of this tab, after what other tabs store, and are not seen by them. Default: `console.error`.
   */
  onError?(error: unknown): void;
}

const KNOWN = ['storage', 'keyPrefix', 'saveIntervalMs', 'guardTabs', 'onError'];

function checkOptions(options: PersistenceOptions): void {
  for (const key of Object.keys(options)) {
    if (!KNOWN.includes(key)) throw new TypeError(`Unknown option "${key}" of persistence()`);
  }
  const { storage, keyPrefix = '', saveIntervalMs = 0, guardTabs } = options;
  if (storage !== 'local' && storage !== 'session' && typeof storage?.getItem !== 'function') {
    throw new TypeError(
      '"storage" must be "local", "session" or an object with getItem, setItem and removeItem',
    );
  }
  // As part of the key, an object of each user would be the same text.
  if (typeof keyPrefix !== 'string') throw new TypeError('"keyPrefix" must be text');
  if (storage === 'session' && guardTabs) {
    throw new TypeError('"guardTabs" needs a storage that tabs share: "session" is of one tab');
  }
  if (!(saveIntervalMs >= 0 && saveIntervalMs < Number.POSITIVE_INFINITY)) {
    throw new RangeError('"saveIntervalMs" must be a finite number of milliseconds, 0 or more');
  }
}

/**
 * Keeps conversations in a storage: for the option `persist` of `useAgentStream`, which then needs a `threadId`.
 *
 * Questions and answers are stored as plain text; `clear()` removes them. Nothing is stored on a server. Call it once, outside of
 * components.
 *
 * @throws TypeError, RangeError when an option is unknown, missing or out of bounds; TypeError later, when there is no `threadId`.
 *
 * @example
 * ```tsx
 * import { persistence, useAgentStream } from '@magi/stream-react';
 *
 * const persist = persistence({ storage: 'local' });
 * export function Chat({ threadId }: { threadId: string }) {
 *   const { messages } = useAgentStream({ url: '/api/agent', threadId, persist });
 *   return <ol>{messages.map(({ id, text }) => <li key={id}>{text}</li>)}</ol>;
 * }
 * ```
 */
export function persistence(options: PersistenceOptions): ConversationFactory {
  checkOptions(options);
  const {
    storage,
    keyPrefix = 'magi-stream:',
    saveIntervalMs = 1_000,
    guardTabs = storage === 'local',
    onError = (error) => console.error(error),
  } = options;
  const report = (error: unknown) => callPage(() => onError(error));
  /** One of each key: a conversation made after another has left reads what that one is still writing. */
  const items = new Map<string, KeptItem>();
  return (conversationOptions) => {
    const { client, threadId } = conversationOptions;
    if (threadId === undefined) throw new TypeError('"persist" needs a "threadId"');
    if (typeof window === 'undefined') return createConversation(conversationOptions);
    // The same as the page tells threads apart by: another agent must not be sent what this one was told.
    const key = keyPrefix + JSON.stringify([client.url, threadId]);
    let item = items.get(key);
    try {
      item ??= createKeptItem(
        storage === 'local' ? localStorage : storage === 'session' ? sessionStorage : storage,
        key,
        report,
      );
    } catch (error) {
      report(error); // the browser denies access: the conversation lives as long as the page
      return createConversation(conversationOptions);
    }
    items.set(key, item);
    return createPersistentConversation(conversationOptions, {
      item,
      saveIntervalMs,
      lock: guardTabs ? createTabLock(key) : noTabLock,
      onError: report,
    });
  };
}
