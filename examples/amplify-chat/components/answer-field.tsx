'use client';

import { useId } from 'react';
import { type AnswerField as Field, isJson } from '../lib/answer-form';
import { usePreferences } from './preferences-provider';

/** The control for one value that an interrupt asks for. The browser checks it before the form is sent. */
export function AnswerField({ field, name }: { field: Field; name: string }) {
  const { t } = usePreferences();
  const id = useId();
  const { kind, description, isRequired, choices } = field;
  const hints = [description, kind === 'json' && t.jsonHint].filter(Boolean).join(' ');
  const shared = {
    id,
    name,
    required: isRequired,
    ...(hints !== '' && { 'aria-describedby': `${id}-hint` }),
  };
  function control() {
    switch (kind) {
      case 'text':
        return <textarea {...shared} rows={2} />;
      case 'json':
        return (
          <textarea
            {...shared}
            rows={4}
            className="code"
            spellCheck={false}
            onInput={({ currentTarget: { value }, currentTarget }) =>
              currentTarget.setCustomValidity(value === '' || isJson(value) ? '' : t.notJson)
            }
          />
        );
      case 'number':
      case 'integer':
        return (
          <input
            {...shared}
            type="number"
            step={kind === 'integer' ? 1 : 'any'}
            min={field.minimum}
            max={field.maximum}
          />
        );
      case 'choice':
        return (
          <select {...shared} defaultValue="">
            <option value="">{t.choose}</option>
            {choices.map((choice, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the choices of a question do not change.
              <option key={at} value={at}>
                {choice === true
                  ? t.yes
                  : choice === false
                    ? t.no
                    : typeof choice === 'string'
                      ? choice
                      : JSON.stringify(choice)}
              </option>
            ))}
          </select>
        );
    }
  }
  return (
    <div className="answer-field">
      <label htmlFor={id}>
        {field.label ?? t.yourAnswer}
        {!isRequired && <span className="optional"> {t.optional}</span>}
      </label>
      {control()}
      {hints !== '' && (
        <p className="hint" id={`${id}-hint`}>
          {hints}
        </p>
      )}
    </div>
  );
}
