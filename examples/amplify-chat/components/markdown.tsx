'use client';

import type { Citation } from '@magi/stream-protocol';
import { createContext, memo, useContext, useMemo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { isTooDeep } from '../lib/block-depth';
import { markBlocks, type NumberedSource, sourceFragment } from '../lib/citation-marks';
import { hasTooManyMarks } from '../lib/emphasis-marks';
import { splitBlocks } from '../lib/markdown-blocks';
import { mendBlock } from '../lib/mend-block';
import { FallbackBoundary } from './fallback-boundary';
import { usePreferences } from './preferences-provider';
import { useGradually } from './use-gradually';

interface Sources {
  readonly sources: readonly NumberedSource[];
  readonly openCitation: Citation | undefined;
  onOpen(citation: Citation): void;
}

const noSources: Sources = { sources: [], openCitation: undefined, onOpen: () => undefined };
const SourcesContext = createContext(noSources);

function SourceChip({ number }: { number: number }) {
  const { t } = usePreferences();
  const { sources, openCitation, onOpen } = useContext(SourcesContext);
  const citation = sources[number - 1]?.citation;
  if (!citation) return null;
  return (
    <button
      type="button"
      className="chip"
      aria-label={t.source(number, citation.title ?? citation.uri ?? '')}
      aria-expanded={openCitation === citation}
      onClick={() => onOpen(citation)}
    >
      {number}
    </button>
  );
}

const components: Components = {
  a({ href, children }) {
    if (href?.startsWith(sourceFragment))
      return <SourceChip number={Number(href.slice(sourceFragment.length))} />;
    // react-markdown empties the addresses it finds unsafe.
    if (!href) return children;
    if (href.startsWith('#')) return <a href={href}>{children}</a>;
    return (
      <a href={href} target="_blank" rel="noreferrer">
        {children}
      </a>
    );
  },
  table: ({ children }) => (
    <div className="table">
      <table>{children}</table>
    </div>
  ),
  // An answer must not make the browser ask another server for anything.
  img: ({ alt }) => alt,
};

const plugins = [remarkGfm];

const Block = memo(function Block({ text }: { text: string }) {
  const raw = <pre className="raw">{text}</pre>;
  return (
    <div className="block">
      {isTooDeep(text) || hasTooManyMarks(text) ? (
        raw
      ) : (
        <FallbackBoundary fallback={raw}>
          <ReactMarkdown remarkPlugins={plugins} components={components}>
            {text}
          </ReactMarkdown>
        </FallbackBoundary>
      )}
    </div>
  );
});

/**
 * Draws Markdown, also while it is being written: each top-level block is drawn on its own, so that only the last one changes.
 * Raw HTML is shown as text, images by their description, and a block that cannot be drawn, or not soon, as it was written.
 *
 * A long text is drawn over several frames. One block is drawn at once however long it is: only lists are cut.
 */
export function Markdown(props: {
  text: string;
  isStreaming?: boolean;
  sources?: readonly NumberedSource[];
  openCitation?: Citation | undefined;
  onOpenSource?(citation: Citation): void;
}) {
  const { text, isStreaming = false, sources, openCitation, onOpenSource } = props;
  const blocks = useMemo(() => {
    const marked = markBlocks(text, splitBlocks(text), sources ?? []);
    return marked.map((block, at) =>
      isStreaming && at === marked.length - 1 ? mendBlock(block) : block,
    );
  }, [text, sources, isStreaming]);
  const count = useGradually(blocks);
  const isGrowing = isStreaming || count < blocks.length;
  const value = useMemo<Sources>(
    () => (sources && onOpenSource ? { sources, openCitation, onOpen: onOpenSource } : noSources),
    [sources, openCitation, onOpenSource],
  );
  return (
    <SourcesContext value={value}>
      <div className="prose" data-streaming={isGrowing}>
        {blocks.slice(0, count).map((block, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only ever appended.
          <Block key={at} text={block} />
        ))}
      </div>
    </SourcesContext>
  );
}
