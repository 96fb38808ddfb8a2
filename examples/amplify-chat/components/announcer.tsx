'use client';

import type { ConversationStatus } from '@magi/stream-client';
import { useEffect, useRef, useState } from 'react';
import { usePreferences } from './preferences-provider';

/** Characters of the finished answer that are read out; the rest is there to be read at one's own pace. */
const spokenCharacters = 600;

function plain(markdown: string): string {
  return markdown
    .replace(/[`*>#|]|\[\d+\]\(#[^)]*\)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Tells a screen reader that an answer has begun and what it says when it is complete, and nothing for each token between. */
export function Announcer(props: {
  status: ConversationStatus;
  wasStopped: boolean;
  answer: string;
}) {
  const { t } = usePreferences();
  const [spoken, setSpoken] = useState('');
  const isRunning =
    props.status === 'connecting' ||
    props.status === 'streaming' ||
    props.status === 'reconnecting';
  const ran = useRef(false);
  const ending = useRef({ answer: '', wasStopped: false });
  ending.current = props;

  useEffect(() => {
    if (isRunning) {
      ran.current = true;
      setSpoken(t.announceStart);
    } else if (ran.current) {
      ran.current = false;
      const { answer, wasStopped } = ending.current;
      setSpoken(
        wasStopped ? t.announceStopped : t.announceDone(plain(answer).slice(0, spokenCharacters)),
      );
    }
  }, [isRunning, t]);

  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
