'use client';

import type { AgentClientError } from '@magi/stream-client';
import { Icon } from './icon';
import { usePreferences } from './preferences-provider';

/** Returns the code by which the dictionary explains an error: the agent's own when it has one. */
function codeOf(error: AgentClientError): string {
  return 'runCode' in error && typeof error.runCode === 'string' ? error.runCode : error.code;
}

/** Says what went wrong in the reader's words, with the code for whoever has to mend it, and offers to ask again. */
export function ErrorBanner({ error, onRetry }: { error: AgentClientError; onRetry(): void }) {
  const { t } = usePreferences();
  const code = codeOf(error);
  return (
    <div className="error-banner" role="alert">
      <div className="text">
        <strong>{t.errorTitle}</strong>
        {t.errors[code] ?? error.message} <code>{code}</code>
      </div>
      <button type="button" className="button" onClick={onRetry}>
        <Icon name="retry" />
        {t.retry}
      </button>
    </div>
  );
}
