'use client';

import { useEffect } from 'react';
import { isCompositionKey } from '../lib/ime';

/** Calls `onEscape` when Esc is pressed anywhere on the page, but not when it only ends what an input method proposed. */
export function useEscape(onEscape: (() => void) | undefined) {
  useEffect(() => {
    if (!onEscape) return;
    function onKeyDown(event: KeyboardEvent) {
      if (event.key !== 'Escape' || isCompositionKey(event)) return;
      event.preventDefault();
      onEscape?.();
    }
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [onEscape]);
}
