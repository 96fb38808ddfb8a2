'use client';

import type { ChatMessage } from '@magi/stream-client';
import type { Interrupt } from '@magi/stream-protocol';
import { useEffect, useId, useRef } from 'react';
import { answerPayload, readAnswerForm } from '../lib/answer-form';
import { prettyJson } from '../lib/pretty-json';
import { AnswerField } from './answer-field';
import { usePreferences } from './preferences-provider';

/**
 * An agent's question: what it wants to do, and the ways to answer. Takes the focus, so that a screen reader reads it and it comes
 * into view, but no button does: an Enter that was meant for something else must not approve.
 */
export function InterruptView(props: {
  interrupt: Interrupt;
  /** Where the call stands that the question is about, if it is about one. */
  messages: readonly ChatMessage[];
  /** Who asks, where there are several. */
  asker?: string | undefined;
  /** `payload` is `undefined` for a question that is declined. */
  onAnswer(interruptId: string, payload: unknown): void;
}) {
  const { t } = usePreferences();
  const { interrupt, messages, asker, onAnswer } = props;
  const group = useRef<HTMLFormElement>(null);
  const id = useId();
  const form = readAnswerForm(interrupt.responseSchema);
  const call = messages
    .flatMap(({ toolCalls }) => toolCalls)
    .find((each) => each.id === interrupt.toolCallId);
  useEffect(() => group.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot submit.
    <form
      className="interrupt"
      role="group"
      ref={group}
      tabIndex={-1}
      aria-labelledby={asker ? `${id}-asker ${id}-question` : `${id}-question`}
      aria-describedby={call && `${id}-call`}
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        const texts = form.fields.map((_, at) => String(data.get(String(at)) ?? ''));
        onAnswer(interrupt.id, answerPayload(form, texts));
      }}
    >
      {asker && (
        <p className="asker" id={`${id}-asker`}>
          {asker}
        </p>
      )}
      <p className="question" id={`${id}-question`}>
        {interrupt.message ?? t.asksLeave}
      </p>
      {call && (
        <div id={`${id}-call`}>
          {t.toolCall}: <code>{call.name}</code>
          {call.argumentsText !== '' && <pre>{prettyJson(call.argumentsText)}</pre>}
        </div>
      )}
      {form.fields.map((field, at) => (
        <AnswerField key={field.property ?? ''} field={field} name={String(at)} />
      ))}
      <div className="choices">
        <button type="submit" className="button primary">
          {form.asksLeave ? t.approve : t.sendAnswer}
        </button>
        <button type="button" className="button" onClick={() => onAnswer(interrupt.id, undefined)}>
          {t.decline}
        </button>
      </div>
    </form>
  );
}
