'use client';

import type { ChatMessage, ConversationStatus } from '@magi/stream-client';
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

/**
 * Tells a screen reader that an answer has begun and what it says when it is complete, and nothing for each token between. Of an
 * error it says nothing: the alert speaks.
 */
export function Announcer(props: {
  status: ConversationStatus;
  /** What the agent has said in the current run. */
  answers: readonly ChatMessage[];
}) {
  const { t } = usePreferences();
  const [spoken, setSpoken] = useState('');
  const isRunning =
    props.status === 'connecting' ||
    props.status === 'streaming' ||
    props.status === 'reconnecting';
  const ran = useRef(false);
  const ending = useRef(props);
  ending.current = props;

  useEffect(() => {
    if (isRunning) {
      ran.current = true;
      setSpoken(t.announceStart);
    } else if (ran.current) {
      ran.current = false;
      const { status, answers } = ending.current;
      // A tool call may follow the text as a message of its own, without text.
      const text = plain(answers.findLast((answer) => answer.text !== '')?.text ?? '').slice(
        0,
        spokenCharacters,
      );
      const wasStopped = answers.length === 0 || answers.some(({ state }) => state === 'stopped');
      if (status === 'error') setSpoken('');
      else if (status === 'interrupted') setSpoken(text);
      else if (wasStopped) setSpoken(t.announceStopped);
      else setSpoken(t.announceDone(text));
    }
  }, [isRunning, t]);

  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
