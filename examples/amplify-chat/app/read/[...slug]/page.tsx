import { join } from 'node:path';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import type { ReactNode } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { readDocuments } from '../../../local/documents';
import { headingAnchor } from '../../../local/heading-anchor';

const repository = join(process.cwd(), '..', '..');

function textOf(node: ReactNode): string {
  if (typeof node === 'string' || typeof node === 'number') return String(node);
  if (Array.isArray(node)) return node.map(textOf).join('');
  if (typeof node === 'object' && node !== null && 'props' in node)
    return textOf((node.props as { children?: ReactNode }).children);
  return '';
}

const components: Components = {
  h1: ({ children }) => <h1 id={headingAnchor(textOf(children))}>{children}</h1>,
  h2: ({ children }) => <h2 id={headingAnchor(textOf(children))}>{children}</h2>,
  h3: ({ children }) => <h3 id={headingAnchor(textOf(children))}>{children}</h3>,
  h4: ({ children }) => <h4 id={headingAnchor(textOf(children))}>{children}</h4>,
  table: ({ children }) => (
    <div className="table">
      <table>{children}</table>
    </div>
  ),
  img: ({ alt }) => alt,
};

/** Shows one document of this repository, so that a citation leads to the passage it quotes. */
export default async function DocumentPage(props: { params: Promise<{ slug: string[] }> }) {
  const slug = (await props.params).slug.map(decodeURIComponent).join('/');
  const document = readDocuments(repository).find((each) => each.slug === slug);
  if (!document) notFound();
  return (
    <main className="document" lang={document.language}>
      <p className="document-path">
        <Link href="/chat">magi-stream</Link> / {document.path}
      </p>
      <article className="prose">
        <div className="block">
          <ReactMarkdown remarkPlugins={[remarkGfm]} components={components}>
            {document.markdown}
          </ReactMarkdown>
        </div>
      </article>
    </main>
  );
}
