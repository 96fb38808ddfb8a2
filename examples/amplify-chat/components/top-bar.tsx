'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';
import type { Theme } from '../lib/preferences';
import { Icon } from './icon';
import { usePreferences } from './preferences-provider';

const nextTheme: Readonly<Record<Theme, Theme>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};
const themeIcon = { system: 'system', light: 'sun', dark: 'moon' } as const;

function ThemeToggle() {
  const { t, theme, choose } = usePreferences();
  const name = { system: t.themeSystem, light: t.themeLight, dark: t.themeDark }[theme];
  return (
    <button
      type="button"
      className="button quiet square"
      aria-label={`${t.theme}: ${name}`}
      title={`${t.theme}: ${name}`}
      onClick={() => choose({ theme: nextTheme[theme] })}
    >
      <Icon name={themeIcon[theme]} />
    </button>
  );
}

function LanguageToggle() {
  const { t, language, choose } = usePreferences();
  return (
    <button
      type="button"
      className="button quiet"
      lang={language === 'en' ? 'ja' : 'en'}
      aria-label={t.languageLabel}
      onClick={() => choose({ language: language === 'en' ? 'ja' : 'en' })}
    >
      {t.language}
    </button>
  );
}

/** The bar above every page: where you are, what answers, and how the page looks. */
export function TopBar(props: {
  current: 'chat' | 'council';
  localWire: string | undefined;
  children?: ReactNode;
}) {
  const { t } = usePreferences();
  return (
    <header className="topbar">
      <Link href="/chat" className="brand" aria-label="magi-stream">
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <circle cx="12" cy="6" r="4" fill="var(--caspar)" />
          <circle cx="6" cy="16.5" r="4" fill="var(--balthasar)" />
          <circle cx="18" cy="16.5" r="4" fill="var(--melchior)" />
        </svg>
        <span>magi-stream</span>
      </Link>
      <nav>
        <Link href="/chat" aria-current={props.current === 'chat' ? 'page' : undefined}>
          {t.chat}
        </Link>
        <Link href="/council" aria-current={props.current === 'council' ? 'page' : undefined}>
          {t.council}
        </Link>
      </nav>
      <span className="spacer" />
      {props.localWire && (
        <span className="agent-badge" title={t.localLabel}>
          {t.localBadge} · {props.localWire}
        </span>
      )}
      {props.children}
      <LanguageToggle />
      <ThemeToggle />
    </header>
  );
}
