import type { Metadata, Viewport } from 'next';
import type { ReactNode } from 'react';
import { PreferencesProvider } from '../components/preferences-provider';
import { readPreferences } from '../lib/preferences';
import './globals.css';

export const metadata: Metadata = {
  title: 'magi-stream',
  description: 'An agent’s answer, streamed from Amazon Bedrock through AWS Lambda to this page',
  icons: { icon: '/icon.svg' },
};

export const viewport: Viewport = { width: 'device-width', initialScale: 1, viewportFit: 'cover' };

export default async function RootLayout({ children }: { children: ReactNode }) {
  const preferences = await readPreferences();
  const theme = preferences.theme === 'system' ? undefined : preferences.theme;
  return (
    <html lang={preferences.language} data-theme={theme}>
      <body>
        <PreferencesProvider initial={preferences}>{children}</PreferencesProvider>
      </body>
    </html>
  );
}
