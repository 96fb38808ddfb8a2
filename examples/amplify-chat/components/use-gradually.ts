'use client';

import { useEffect, useReducer, useRef } from 'react';
import { countDrawable } from '../lib/draw-budget';

/**
 * Returns how many of the blocks to draw now. A long text that arrives at once is drawn over several frames, so that the page can be
 * scrolled and stopped in between.
 */
export function useGradually(blocks: readonly string[]): number {
  const drawn = useRef(0);
  const [, drawMore] = useReducer((round: number) => round + 1, 0);
  const count = countDrawable(blocks, drawn.current);
  useEffect(() => {
    drawn.current = count;
    if (count === blocks.length) return;
    const frame = requestAnimationFrame(drawMore);
    return () => cancelAnimationFrame(frame);
  });
  return count;
}
