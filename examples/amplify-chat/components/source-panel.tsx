'use client';

import type { Citation } from '@magi/stream-protocol';
import { webAddress } from '../lib/web-address';
import { Icon } from './icon';
import { Markdown } from './markdown';
import { usePreferences } from './preferences-provider';

/** Shows the passage a citation quotes, and leads to where it stands. */
export function SourcePanel({ citation }: { citation: Citation }) {
  const { t } = usePreferences();
  const address = webAddress(citation.uri);
  return (
    <>
      <p className="source-title">{citation.title ?? citation.uri}</p>
      {citation.quote && (
        <div className="prose">
          <blockquote>
            <Markdown text={citation.quote} />
          </blockquote>
        </div>
      )}
      {address && (
        <a className="source-link" href={address} target="_blank" rel="noreferrer">
          {t.openSource}
          <Icon name="link" />
        </a>
      )}
      {citation.uri && <span className="source-address">{citation.uri.split(':~:')[0]}</span>}
    </>
  );
}
