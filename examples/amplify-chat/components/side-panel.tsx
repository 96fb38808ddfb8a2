'use client';

import { type ReactNode, useEffect, useRef } from 'react';
import { Icon } from './icon';
import { usePreferences } from './preferences-provider';

/** The panel beside the conversation. Takes the focus when it opens, so that Esc and Tab begin there. */
export function SidePanel(props: {
  id: string;
  title: string;
  onClose(): void;
  children: ReactNode;
}) {
  const { t } = usePreferences();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <aside className="side-panel" id={props.id} aria-label={props.title}>
      <div className="panel-head">
        <h2 ref={heading} tabIndex={-1}>
          {props.title}
        </h2>
        <button
          type="button"
          className="button quiet square"
          aria-label={t.close}
          onClick={props.onClose}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="panel-body">{props.children}</div>
    </aside>
  );
}
