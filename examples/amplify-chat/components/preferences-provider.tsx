'use client';

import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from 'react';
import { type Dictionary, dictionaries } from '../lib/dictionary';
import type { Preferences } from '../lib/preferences';

interface PreferencesValue extends Preferences {
  readonly t: Dictionary;
  choose(changes: Partial<Preferences>): void;
}

const PreferencesContext = createContext<PreferencesValue | undefined>(undefined);

const yearSeconds = 31_536_000;

function keep(name: string, value: string) {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not in every current browser.
  document.cookie = `${name}=${value}; path=/; max-age=${yearSeconds}; samesite=lax`;
}

/** Gives the page its language and theme, and keeps what the reader chooses. */
export function PreferencesProvider(props: { initial: Preferences; children: ReactNode }) {
  const [preferences, setPreferences] = useState(props.initial);

  const choose = useCallback((changes: Partial<Preferences>) => {
    setPreferences((before) => ({ ...before, ...changes }));
    for (const [name, value] of Object.entries(changes)) keep(name, value);
    const root = document.documentElement;
    if (changes.language) root.lang = changes.language;
    if (changes.theme === 'system') delete root.dataset.theme;
    else if (changes.theme) root.dataset.theme = changes.theme;
  }, []);

  const value = useMemo(
    () => ({ ...preferences, t: dictionaries[preferences.language], choose }),
    [preferences, choose],
  );
  return <PreferencesContext value={value}>{props.children}</PreferencesContext>;
}

/** Returns the reader's preferences and the words of their language. */
export function usePreferences(): PreferencesValue {
  const value = useContext(PreferencesContext);
  if (!value) throw new Error('Render inside PreferencesProvider to use preferences');
  return value;
}
