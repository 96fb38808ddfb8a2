'use client';

import type { Citation } from '@magi/stream-protocol';
import { useAgentStream } from '@magi/stream-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Announcer } from './announcer';
import { useAuth } from './auth-gate';
import { Composer, type ComposerHandle } from './composer';
import { ErrorBanner } from './error-banner';
import { Icon } from './icon';
import { InterruptView } from './interrupt-view';
import { AskAgainButton, MessageView, ThinkingDots } from './message-view';
import { usePreferences } from './preferences-provider';
import { SidePanel } from './side-panel';
import { SourcePanel } from './source-panel';
import { TopBar } from './top-bar';
import { TracePanel } from './trace-panel';
import { useEscape } from './use-escape';
import { useStickToBottom } from './use-stick-to-bottom';
import { Welcome } from './welcome';

type Panel = { readonly kind: 'trace' } | { readonly kind: 'source'; readonly citation: Citation };

/** A conversation with one agent. */
export function Chat({
  streamUrl,
  localWire,
}: {
  streamUrl: string;
  localWire: string | undefined;
}) {
  const { t } = usePreferences();
  const auth = useAuth();
  const agent = useAgentStream({ url: streamUrl, sendPolicy: 'drop', ...(auth && { auth }) });
  const { messages, interrupts, status, error, runId, trace } = agent;
  const { send, respond, stop, regenerate, clear } = agent;
  const [panel, setPanel] = useState<Panel>();
  const { scroller, content, isAway, stick } = useStickToBottom();
  const composer = useRef<ComposerHandle>(null);
  const opener = useRef<Element>(null);

  const isRunning = status === 'connecting' || status === 'streaming' || status === 'reconnecting';
  const last = messages.at(-1);
  const answers = messages.filter(
    (message) => message.role === 'assistant' && message.runId === runId,
  );
  // One question at a time: the next takes its place when it is answered.
  const interrupt = interrupts[0];
  const isAsked = interrupt !== undefined;
  const canAskAgain = !isRunning && !error && !isAsked;
  const isWaiting = isRunning && (last === undefined || last.role !== 'assistant');

  const ask = useCallback(
    (question: string) => {
      stick();
      composer.current?.focus();
      void send(question);
    },
    [send, stick],
  );
  const askAgain = useCallback(() => {
    stick();
    composer.current?.focus();
    void regenerate();
  }, [regenerate, stick]);
  const reply = useCallback(
    (interruptId: string, payload: unknown) => {
      stick();
      composer.current?.focus();
      void respond(
        interruptId,
        payload === undefined ? { status: 'cancelled' } : { status: 'resolved', payload },
      );
    },
    [respond, stick],
  );
  const openSource = useCallback((citation: Citation) => {
    opener.current = document.activeElement;
    setPanel({ kind: 'source', citation });
  }, []);
  const closePanel = useCallback(() => {
    setPanel(undefined);
    if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
    else composer.current?.focus();
  }, []);
  useEscape(isRunning ? stop : panel ? closePanel : undefined);

  useEffect(() => {
    if (!isRunning && !isAsked) composer.current?.focus();
  }, [isRunning, isAsked]);

  const openCitation = panel?.kind === 'source' ? panel.citation : undefined;
  return (
    <div className="shell">
      <a className="skip-link" href="#question">
        {t.skip}
      </a>
      <TopBar current="chat" localWire={localWire}>
        <button
          type="button"
          className="button quiet"
          disabled={messages.length === 0}
          aria-label={t.newChat}
          onClick={() => {
            clear();
            setPanel(undefined);
            composer.current?.focus();
          }}
        >
          <Icon name="plus" />
          <span className="button-label">{t.newChat}</span>
        </button>
        <button
          type="button"
          className="button quiet"
          aria-pressed={panel?.kind === 'trace'}
          aria-label={panel?.kind === 'trace' ? t.hideTrace : t.showTrace}
          onClick={(event) => {
            opener.current = event.currentTarget;
            setPanel(panel?.kind === 'trace' ? undefined : { kind: 'trace' });
          }}
        >
          <Icon name="trace" />
          <span className="button-label">{t.trace}</span>
        </button>
      </TopBar>
      <div className="workspace" data-panel={panel ? 'open' : 'closed'}>
        <main className="conversation">
          <div className="scroller" ref={scroller}>
            <div ref={content} className="scroller-content">
              {messages.length === 0 ? (
                <Welcome
                  title={t.greeting}
                  text={t.greetingText}
                  examples={t.examples}
                  localWire={localWire}
                  onAsk={ask}
                />
              ) : (
                <ol className="messages" role="log" aria-live="off" aria-label={t.title}>
                  {messages.map((message) => (
                    <MessageView
                      key={message.id}
                      message={message}
                      openCitation={openCitation}
                      onOpenSource={openSource}
                      onRegenerate={message === last && canAskAgain ? askAgain : undefined}
                    />
                  ))}
                  {canAskAgain && last?.role !== 'assistant' && (
                    <li className="message-foot">
                      <AskAgainButton onClick={askAgain} />
                    </li>
                  )}
                  {interrupt && (
                    <li key={interrupt.id}>
                      <InterruptView interrupt={interrupt} messages={messages} onAnswer={reply} />
                    </li>
                  )}
                  {isWaiting && (
                    <li>
                      <ThinkingDots label={status === 'connecting' ? t.connecting : t.thinking} />
                    </li>
                  )}
                </ol>
              )}
            </div>
          </div>
          <div className="composer-area">
            {isAway && (
              <button type="button" className="button jump" onClick={stick}>
                <Icon name="down" />
                {t.jump}
              </button>
            )}
            {error && <ErrorBanner error={error} onRetry={askAgain} />}
            <Composer ref={composer} isRunning={isRunning} onSend={ask} onStop={stop} />
            <p className="composer-hint">{t.hint}</p>
          </div>
        </main>
        {panel && (
          <SidePanel
            key={panel.kind}
            id="side-panel"
            title={panel.kind === 'trace' ? t.trace : t.sources}
            onClose={closePanel}
          >
            {panel.kind === 'trace' ? (
              <TracePanel runId={runId} trace={trace} messages={messages} />
            ) : (
              <SourcePanel citation={panel.citation} />
            )}
          </SidePanel>
        )}
      </div>
      <Announcer status={status} answers={answers} />
    </div>
  );
}
