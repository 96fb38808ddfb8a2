'use client';

import type { ChatMessage } from '@magi/stream-client';
import type { Citation } from '@magi/stream-protocol';
import { useAgentStream } from '@magi/stream-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Announcer } from './announcer';
import { useAuth } from './auth-gate';
import { Composer, type ComposerHandle } from './composer';
import { ErrorBanner } from './error-banner';
import { Icon } from './icon';
import { InterruptView } from './interrupt-view';
import { usePreferences } from './preferences-provider';
import { isSage, JudgeCard, SageCard, sageNames } from './sage-card';
import { SidePanel } from './side-panel';
import { SourcePanel } from './source-panel';
import { TopBar } from './top-bar';
import { useEscape } from './use-escape';
import { Welcome } from './welcome';

const councilRun = { mode: 'council' };

function lastAnswer(messages: readonly ChatMessage[], subagentRunId: string | undefined) {
  return messages.findLast(
    (message) => message.role === 'assistant' && message.subagentRunId === subagentRunId,
  );
}

/** One question, three sages side by side, and a judge. */
export function Council({
  streamUrl,
  localWire,
}: {
  streamUrl: string;
  localWire: string | undefined;
}) {
  const { t } = usePreferences();
  const auth = useAuth();
  const agent = useAgentStream({
    url: streamUrl,
    sendPolicy: 'drop',
    forwardedProps: councilRun,
    ...(auth && { auth }),
  });
  const { messages, subagents, interrupts, status, error, runId } = agent;
  const { send, respond, stop, regenerate, clear } = agent;
  /** The runs before the current one that belong to the same sitting: each ended with a question to the reader. */
  const [askedRuns, setAskedRuns] = useState<readonly (string | undefined)[]>([]);
  const [citation, setCitation] = useState<Citation>();
  const composer = useRef<ComposerHandle>(null);

  const isRunning = status === 'connecting' || status === 'streaming' || status === 'reconnecting';
  const question = messages.findLast(({ role }) => role === 'user');
  const isOfSitting = (item: { readonly runId?: string }) =>
    item.runId === runId || askedRuns.includes(item.runId);
  const said = messages.filter(isOfSitting);
  const judgement = lastAnswer(said, undefined);
  // One question at a time: the next takes its place when it is answered.
  const interrupt = interrupts[0];
  const isAsked = interrupt !== undefined;
  const asker = subagents.find(
    ({ subagentRunId }) => subagentRunId === interrupt?.subagentRunId,
  )?.name;

  const ask = useCallback(
    (text: string) => {
      setCitation(undefined);
      // One question at a time: the columns show a single sitting of the council.
      clear();
      setAskedRuns([]);
      void send(text);
    },
    [send, clear],
  );
  const askAgain = useCallback(() => {
    setAskedRuns([]);
    void regenerate();
  }, [regenerate]);
  const reply = useCallback(
    (interruptId: string, payload: unknown) => {
      composer.current?.focus();
      setAskedRuns((before) => [...before, runId]);
      void respond(
        interruptId,
        payload === undefined ? { status: 'cancelled' } : { status: 'resolved', payload },
      );
    },
    [respond, runId],
  );
  const closePanel = useCallback(() => {
    setCitation(undefined);
    composer.current?.focus();
  }, []);
  useEscape(isRunning ? stop : citation ? closePanel : undefined);

  useEffect(() => {
    if (!isRunning && !isAsked) composer.current?.focus();
  }, [isRunning, isAsked]);

  return (
    <div className="shell">
      <a className="skip-link" href="#question">
        {t.skip}
      </a>
      <TopBar current="council" localWire={localWire}>
        <button
          type="button"
          className="button quiet"
          disabled={messages.length === 0}
          aria-label={t.newChat}
          onClick={() => {
            clear();
            closePanel();
          }}
        >
          <Icon name="plus" />
          <span className="button-label">{t.newChat}</span>
        </button>
      </TopBar>
      <div className="workspace" data-panel={citation ? 'open' : 'closed'}>
        <main className="conversation">
          <div className="scroller">
            <div className="scroller-content">
              {question === undefined ? (
                <Welcome
                  title={t.councilGreeting}
                  text={t.councilText}
                  examples={t.councilExamples}
                  localWire={localWire}
                  onAsk={ask}
                />
              ) : (
                <div className="council">
                  <h1 className="visually-hidden">{t.council}</h1>
                  <p className="council-question">{question.text}</p>
                  <div className="sages">
                    {sageNames.map((name) => {
                      const subagent = subagents.findLast(
                        (each) => each.name === name && isOfSitting(each),
                      );
                      return (
                        <SageCard
                          key={name}
                          name={name}
                          subagent={subagent}
                          isRunning={isRunning}
                          message={subagent && lastAnswer(said, subagent.subagentRunId)}
                          openCitation={citation}
                          onOpenSource={setCitation}
                        />
                      );
                    })}
                  </div>
                  {interrupt && (
                    <InterruptView
                      key={interrupt.id}
                      interrupt={interrupt}
                      messages={messages}
                      asker={isSage(asker) ? t.sages[asker].name : asker}
                      onAnswer={reply}
                    />
                  )}
                  <JudgeCard
                    message={judgement}
                    isRunning={isRunning}
                    openCitation={citation}
                    onOpenSource={setCitation}
                  />
                </div>
              )}
            </div>
          </div>
          <div className="composer-area">
            {error && <ErrorBanner error={error} onRetry={askAgain} />}
            <Composer ref={composer} isRunning={isRunning} onSend={ask} onStop={stop} />
            <p className="composer-hint">{t.hint}</p>
          </div>
        </main>
        {citation && (
          <SidePanel id="side-panel" title={t.sources} onClose={closePanel}>
            <SourcePanel citation={citation} />
          </SidePanel>
        )}
      </div>
      <Announcer status={status} answers={judgement ? [judgement] : []} />
    </div>
  );
}
