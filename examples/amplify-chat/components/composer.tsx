'use client';

import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useImperativeHandle,
  useRef,
  useState,
} from 'react';
import { isSendKey } from '../lib/ime';
import { Icon } from './icon';
import { usePreferences } from './preferences-provider';

export interface ComposerHandle {
  focus(): void;
}

/** The field for the question. Enter sends it, unless an input method is still composing; while an answer runs its button stops it. */
export function Composer(props: {
  ref?: Ref<ComposerHandle>;
  isRunning: boolean;
  onSend(text: string): void;
  onStop(): void;
}) {
  const { t } = usePreferences();
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const isComposing = useRef(false);

  useImperativeHandle(props.ref, () => ({ focus: () => field.current?.focus() }), []);

  const fitHeight = useCallback(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  }, []);

  function send() {
    const question = text.trim();
    if (question === '' || props.isRunning) return;
    setText('');
    requestAnimationFrame(fitHeight);
    props.onSend(question);
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    const { key, keyCode, shiftKey, nativeEvent } = event;
    const pressed = { key, keyCode, shiftKey, isComposing: nativeEvent.isComposing };
    if (!isSendKey(pressed, isComposing.current)) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        id="question"
        ref={field}
        rows={1}
        value={text}
        aria-label={t.placeholder}
        placeholder={t.placeholder}
        autoComplete="off"
        enterKeyHint="send"
        // biome-ignore lint/a11y/noAutofocus: typing a question is what the page is for.
        autoFocus
        onChange={(event) => {
          setText(event.target.value);
          fitHeight();
        }}
        onCompositionStart={() => {
          isComposing.current = true;
        }}
        onCompositionEnd={() => {
          isComposing.current = false;
        }}
        onKeyDown={onKeyDown}
      />
      {props.isRunning ? (
        <button type="button" className="send stop" aria-label={t.stop} onClick={props.onStop}>
          <Icon name="stop" />
        </button>
      ) : (
        <button type="submit" className="send" aria-label={t.send} disabled={text.trim() === ''}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}
