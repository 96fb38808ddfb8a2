import { cookies, headers } from 'next/headers';
import type { Language } from '../local/language';

export type Theme = 'system' | 'light' | 'dark';

/** What the reader chose, kept in cookies so that the first paint is right. */
export interface Preferences {
  readonly language: Language;
  readonly theme: Theme;
}

/** Reads the preferences of a request: cookies, else the browser's language and the system's theme. */
export async function readPreferences(): Promise<Preferences> {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const language = jar.get('language')?.value ?? head.get('accept-language')?.slice(0, 2);
  const theme = jar.get('theme')?.value;
  return {
    language: language === 'ja' ? 'ja' : 'en',
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
  };
}
