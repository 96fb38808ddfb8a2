'use client';

import { usePreferences } from './preferences-provider';

/** What an empty page shows: what may be asked, who answers, and questions to begin with. */
export function Welcome(props: {
  title: string;
  text: string;
  examples: readonly string[];
  localWire: string | undefined;
  onAsk(question: string): void;
}) {
  const { t } = usePreferences();
  return (
    <div className="welcome">
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      <ul className="examples">
        {props.examples.map((question) => (
          <li key={question}>
            <button type="button" onClick={() => props.onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
      {props.localWire && (
        <p className="label">
          {t.localLabel} {t.wire(props.localWire)} {t.demoHint}
        </p>
      )}
    </div>
  );
}
