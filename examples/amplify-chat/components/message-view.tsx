'use client';

import type { ChatMessage } from '@magi/stream-client';
import type { Citation } from '@magi/stream-protocol';
import { memo, useMemo, useState } from 'react';
import { numberSources } from '../lib/citation-marks';
import { Icon } from './icon';
import { Markdown } from './markdown';
import { usePreferences } from './preferences-provider';

function CopyButton({ text }: { text: string }) {
  const { t } = usePreferences();
  const [isCopied, setIsCopied] = useState(false);
  async function copy() {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
    setTimeout(() => setIsCopied(false), 1_500);
  }
  return (
    <button type="button" className="button quiet" onClick={copy}>
      <Icon name={isCopied ? 'check' : 'copy'} />
      {isCopied ? t.copied : t.copy}
    </button>
  );
}

export function AskAgainButton({ onClick }: { onClick(): void }) {
  const { t } = usePreferences();
  return (
    <button type="button" className="button quiet" onClick={onClick}>
      <Icon name="retry" />
      {t.regenerate}
    </button>
  );
}

/** Three dots: something is on its way. */
export function ThinkingDots({ label }: { label: string }) {
  return (
    <span className="dots" role="img" aria-label={label}>
      <i />
      <i />
      <i />
    </span>
  );
}

export interface MessageViewProps {
  readonly message: ChatMessage;
  readonly openCitation: Citation | undefined;
  onOpenSource(citation: Citation): void;
  /** Given for an answer that ends the conversation when nothing runs. */
  readonly onRegenerate: (() => void) | undefined;
}

function Answer({ message, openCitation, onOpenSource, onRegenerate }: MessageViewProps) {
  const { t } = usePreferences();
  const { text, state, citations } = message;
  const sources = useMemo(() => numberSources(citations), [citations]);
  const isStreaming = state === 'streaming';
  return (
    <li className="message assistant" data-message-state={state}>
      <div className="message-head">
        {t.agent}
        {state === 'stopped' && <span className="state stopped">{t.stopped}</span>}
        {state === 'failed' && <span className="state failed">{t.failed}</span>}
      </div>
      {text === '' && isStreaming && <ThinkingDots label={t.thinking} />}
      <Markdown
        text={text}
        isStreaming={isStreaming}
        sources={sources}
        openCitation={openCitation}
        onOpenSource={onOpenSource}
      />
      {sources.length > 0 && !isStreaming && (
        <ol className="source-list" aria-label={t.sources}>
          {sources.map(({ number, citation }) => (
            <li key={number}>
              <button
                type="button"
                aria-expanded={openCitation === citation}
                onClick={() => onOpenSource(citation)}
              >
                <span className="chip">{number}</span>
                <span className="title">{citation.title ?? citation.uri}</span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {!isStreaming && (text !== '' || onRegenerate) && (
        <div className="message-foot">
          {text !== '' && <CopyButton text={text} />}
          {onRegenerate && <AskAgainButton onClick={onRegenerate} />}
        </div>
      )}
    </li>
  );
}

/** One message of the conversation. Drawn again only when its own message object changes. */
export const MessageView = memo(function MessageView(props: MessageViewProps) {
  const { t } = usePreferences();
  const { role, text } = props.message;
  switch (role) {
    case 'user':
      return (
        <li className="message user">
          <span className="visually-hidden">{t.you}: </span>
          {text}
        </li>
      );
    case 'assistant':
      return <Answer {...props} />;
    case 'reasoning':
      return text === '' ? null : (
        <li className="message assistant">
          <div className="reasoning">{text}</div>
        </li>
      );
    default:
      return null;
  }
});
