'use client';

import { useCallback, useEffect, useRef, useState } from 'react';

/** Pixels from the end that still count as the end. */
const slack = 8;

/**
 * Keeps a scroller at its end while its content grows, until the reader scrolls up; again when they come back to the end.
 */
export function useStickToBottom() {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isStuck = useRef(true);
  const [isAway, setIsAway] = useState(false);

  const stick = useCallback(() => {
    const element = scroller.current;
    isStuck.current = true;
    setIsAway(false);
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    function onScroll() {
      if (!element) return;
      const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
      if (distance <= slack) isStuck.current = true;
      else if (element.scrollTop < last) isStuck.current = false;
      last = element.scrollTop;
      setIsAway(!isStuck.current);
    }
    const observer = new ResizeObserver(() => {
      if (isStuck.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  return { scroller, content, isAway, stick };
}
