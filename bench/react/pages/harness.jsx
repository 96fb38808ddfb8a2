// What every page has in common: the same view, the same way to count commits, the same end.
import { memo, useLayoutEffect } from 'react';
import { createRoot } from 'react-dom/client';

const HISTORY_TEXT = 'An earlier message of the conversation, long enough to wrap once. '.repeat(3);

/** Earlier messages: half of them the user's. */
export function historyOf(count) {
  return Array.from({ length: count }, (_, index) => ({
    id: `h${index}`,
    role: index % 2 ? 'assistant' : 'user',
    text: `${index} ${HISTORY_TEXT}`,
  }));
}

export const Message = memo(({ role, text }) => <p className={role}>{text}</p>);

/** Calls `onCommit` after each commit of the component that calls it. */
export function useCommits(onCommit, state) {
  useLayoutEffect(() => onCommit(state));
}

/** Mounts `Chat`, asks, and resolves when the answer has ended and is shown. */
export function runPage(Chat, { url, tokens, rate, history, waitForMs = 120_000 }) {
  return new Promise((resolve, reject) => {
    const container = document.body.appendChild(document.createElement('div'));
    const root = createRoot(container);
    let commits = 0;
    let startedAtMs = 0;
    const limit = setTimeout(() => reject(new Error('The answer never ended')), waitForMs);
    const onCommit = ({ isDone, text, ask }) => {
      if (startedAtMs === 0) {
        // The mount is over and settled: from here on it is measured.
        startedAtMs = -1;
        setTimeout(() => {
          startedAtMs = performance.now();
          globalThis.benchStarted?.();
          ask();
        }, 100);
        return;
      }
      if (startedAtMs < 0) return;
      commits += 1;
      if (!isDone || text.length === 0) return;
      clearTimeout(limit);
      const wallMs = performance.now() - startedAtMs;
      const result = { commits, wallMs, length: text.length };
      setTimeout(() => resolve({ ...result, unmount: () => root.unmount() }), 0);
    };
    const endpoint = (dialect) => `${url}/${dialect}?tokens=${tokens}&rate=${rate}`;
    root.render(<Chat endpoint={endpoint} history={historyOf(history)} onCommit={onCommit} />);
  });
}

/** The page's one global: what the runners call. */
export function expose(Chat) {
  globalThis.benchPage = (options) => runPage(Chat, options);
}
