'use client';

import type { ToolCallView } from '@magi/stream-client';
import type { Interrupt } from '@magi/stream-protocol';
import { useEffect, useId, useRef } from 'react';
import { answerPayload, readAnswerForm } from '../lib/answer-form';
import { prettyJson } from '../lib/pretty-json';
import { usePreferences } from './preferences-provider';

/**
 * The agent's question: what it wants to do, and the ways to answer. Takes the focus, so that a screen reader reads it, but no
 * button does: an Enter that was meant for something else must not approve.
 */
export function InterruptView(props: {
  interrupt: Interrupt;
  /** The call the question is about, if it is about one. */
  call: ToolCallView | undefined;
  /** `payload` is `undefined` for a question that is declined. */
  onAnswer(interruptId: string, payload: unknown): void;
}) {
  const { t } = usePreferences();
  const { interrupt, call, onAnswer } = props;
  const group = useRef<HTMLFormElement>(null);
  const id = useId();
  const form = readAnswerForm(interrupt.responseSchema);
  // Without scrolling: the reader may be at another place.
  useEffect(() => group.current?.focus({ preventScroll: true }), []);
  return (
    <li>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot submit. */}
      <form
        className="interrupt"
        role="group"
        ref={group}
        tabIndex={-1}
        aria-labelledby={`${id}-question`}
        aria-describedby={call && `${id}-call`}
        onSubmit={(event) => {
          event.preventDefault();
          const text = new FormData(event.currentTarget).get('answer');
          onAnswer(interrupt.id, answerPayload(form, typeof text === 'string' ? text.trim() : ''));
        }}
      >
        <p className="question" id={`${id}-question`}>
          {interrupt.message ?? t.asksLeave}
        </p>
        {call && (
          <div id={`${id}-call`}>
            {t.toolCall}: <code>{call.name}</code>
            {call.argumentsText !== '' && <pre>{prettyJson(call.argumentsText)}</pre>}
          </div>
        )}
        {form.value && (
          <label>
            {t.yourAnswer}
            <textarea name="answer" rows={2} required={form.value.isRequired} />
          </label>
        )}
        <div className="choices">
          <button type="submit" className="button primary">
            {form.asksLeave ? t.approve : t.sendAnswer}
          </button>
          <button
            type="button"
            className="button"
            onClick={() => onAnswer(interrupt.id, undefined)}
          >
            {t.decline}
          </button>
        </div>
      </form>
    </li>
  );
}
