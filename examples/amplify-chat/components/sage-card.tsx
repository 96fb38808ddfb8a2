'use client';

import type { ChatMessage, SubagentView } from '@magi/stream-client';
import type { Citation } from '@magi/stream-protocol';
import { memo, useMemo } from 'react';
import { numberSources } from '../lib/citation-marks';
import { Icon, type IconName } from './icon';
import { Markdown } from './markdown';
import { ThinkingDots } from './message-view';
import { usePreferences } from './preferences-provider';

export const sageNames = ['caspar', 'balthasar', 'melchior'] as const;
export type SageName = (typeof sageNames)[number];

export function isSage(name: string | undefined): name is SageName {
  return sageNames.some((each) => each === name);
}

const icons: Readonly<Record<SageName | 'judge', IconName>> = {
  caspar: 'shield',
  balthasar: 'spark',
  melchior: 'ruler',
  judge: 'scale',
};

interface OpinionProps {
  readonly message: ChatMessage | undefined;
  readonly openCitation: Citation | undefined;
  onOpenSource(citation: Citation): void;
}

function Opinion({ message, openCitation, onOpenSource }: OpinionProps) {
  const sources = useMemo(() => numberSources(message?.citations ?? []), [message?.citations]);
  if (!message) return null;
  return (
    <Markdown
      text={message.text}
      isStreaming={message.state === 'streaming'}
      sources={sources}
      openCitation={openCitation}
      onOpenSource={onOpenSource}
    />
  );
}

type SageState = SubagentView['state'] | 'waiting' | 'stopped';

/** What one sage says, with its own colour, icon and state. Drawn again only when that sage has said something. */
export const SageCard = memo(function SageCard(
  props: OpinionProps & { name: SageName; subagent: SubagentView | undefined; isRunning: boolean },
) {
  const { t } = usePreferences();
  const { name, subagent, message, isRunning } = props;
  const isCut = !isRunning && subagent?.state === 'running';
  const state: SageState = isCut ? 'stopped' : (subagent?.state ?? 'waiting');
  const isSilent = !message || message.text === '';
  return (
    <section className="sage" data-name={name} aria-labelledby={`sage-${name}`}>
      <header>
        <Icon name={icons[name]} />
        <div>
          <h2 id={`sage-${name}`}>{t.sages[name].name}</h2>
          <p className="view">{t.sages[name].view}</p>
        </div>
        <span className="state" data-state={state}>
          {t.sageState[state]}
        </span>
      </header>
      <div className="body">
        {isSilent && state === 'running' && <ThinkingDots label={t.thinking} />}
        <Opinion {...props} />
        {subagent?.degraded && !subagent.error && (
          <p className="waiting">
            {t.degraded}: {subagent.degraded.reason}
          </p>
        )}
        {subagent?.error && (
          <p className="failure">{t.errors[subagent.error.code ?? ''] ?? subagent.error.message}</p>
        )}
      </div>
    </section>
  );
});

/** What the judge makes of the three. */
export const JudgeCard = memo(function JudgeCard(props: OpinionProps & { isRunning: boolean }) {
  const { t } = usePreferences();
  const { message, isRunning } = props;
  const isSilent = !message || message.text === '';
  return (
    <section className="judge" aria-labelledby="judge">
      <header>
        <Icon name={icons.judge} />
        <div>
          <h2 id="judge">{t.judge.name}</h2>
          <p className="view">{t.judge.view}</p>
        </div>
        {message && (
          <span className="state">
            {message.state === 'complete'
              ? t.sageState.finished
              : message.state === 'streaming'
                ? t.sageState.running
                : t.sageState[message.state]}
          </span>
        )}
      </header>
      <div className="body">
        {isSilent && <p className="waiting">{isRunning || !message ? t.judgeWaiting : ''}</p>}
        <Opinion {...props} />
      </div>
    </section>
  );
});
