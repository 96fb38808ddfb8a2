import type { FoundPassage } from '../agent-step';
import type { Passage } from '../passages';

/** The full-text index, as a knowledge base, and the tool that looks something up in it. */
export const knowledgeBaseId = 'local-full-text-index';
export const toolName = 'knowledge-base';

/** Returns the page on which a passage can be read, with the quoted words for the browser to mark. */
function passageAddress(pageOrigin: string, { slug, anchor }: Passage, quote: string): string {
  const words = quote
    .replace(/```[\s\S]*$/, '')
    .split('\n')[0]
    ?.replace(/^[\s>|*-]+|[`*]/g, '')
    .slice(0, 60)
    .trim();
  const mark = words ? `:~:text=${encodeURIComponent(words).replace(/-/g, '%2D')}` : '';
  return `${pageOrigin}/read/${slug.split('/').map(encodeURIComponent).join('/')}#${encodeURIComponent(anchor)}${mark}`;
}

/** What every wire says about where a quote stands. */
export function sourceOf(pageOrigin: string, { passage, quote }: FoundPassage) {
  return {
    quote,
    title: [passage.headings.at(-1), passage.title].filter(Boolean).join(' · '),
    uri: passageAddress(pageOrigin, passage, quote),
    path: passage.path,
  };
}
