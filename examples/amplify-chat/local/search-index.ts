import MiniSearch from 'minisearch';
import { type Language, languageOf } from './language';
import type { Passage } from './passages';
import { englishTerms } from './synonyms';
import { termsOf } from './terms';

export interface PassageHit {
  readonly passage: Passage;
  readonly score: number;
  /** The share of the question's terms, weighted by how rare they are, that the passage holds: 0 to 1. */
  readonly coverage: number;
  /** The terms of the question that the passage holds, in whatever form or language. */
  readonly matchedTerms: readonly string[];
  /** The passage's own terms that were found by them. */
  readonly foundTerms: readonly string[];
}

export interface SearchOptions {
  /** At most this many hits. Default: 5. */
  readonly limit?: number;
}

export interface PassageIndex {
  readonly passageCount: number;
  readonly documentCount: number;
  search(question: string, options?: SearchOptions): PassageHit[];
}

interface Row {
  id: string;
  heading: string;
  title: string;
  text: string;
}

/** Hits below this share of the question's weight say nothing about it. */
const minCoverage = 0.34;

/** Builds a full-text index over passages, for questions in English and Japanese. */
export function createPassageIndex(passages: readonly Passage[]): PassageIndex {
  const byId = new Map(passages.map((passage) => [passage.id, passage]));
  const index = new MiniSearch<Row>({
    fields: ['heading', 'title', 'text'],
    tokenize: termsOf,
    processTerm: (term) => term,
    searchOptions: {
      boost: { heading: 1.6, title: 1.2 },
      prefix: (term) => /^[a-z]{4,}$/.test(term),
      fuzzy: (term) => (/^[a-z]{6,}$/.test(term) ? 0.15 : false),
      weights: { fuzzy: 0.3, prefix: 0.6 },
    },
  });
  const documentFrequency = new Map<string, number>();
  for (const { id, headings, title, text } of passages) {
    index.add({ id, heading: headings.join(' '), title, text });
    for (const term of new Set(termsOf(`${headings.join(' ')} ${title} ${text}`)))
      documentFrequency.set(term, (documentFrequency.get(term) ?? 0) + 1);
  }

  const rarity = (term: string) =>
    Math.log(1 + passages.length / (1 + (documentFrequency.get(term) ?? 0)));

  const preferLanguage = (language: Language) => (id: string) =>
    byId.get(id)?.language === language ? 1.6 : 1;

  return {
    passageCount: passages.length,
    documentCount: new Set(passages.map(({ path }) => path)).size,
    search(question, { limit = 5 } = {}) {
      const asked = [...new Set(termsOf(question))];
      const translations = englishTerms(asked);
      const query = [...asked, ...[...translations.values()].flat()];
      if (query.length === 0) return [];
      const total = asked.reduce((sum, term) => sum + rarity(term), 0);
      const results = index.search(query.join(' '), {
        tokenize: (text) => text.split(' '),
        boostDocument: preferLanguage(languageOf(question)),
      });
      const hits: PassageHit[] = [];
      for (const { id, score, queryTerms, terms } of results) {
        const passage = byId.get(String(id));
        if (!passage) continue;
        const found = new Set(queryTerms);
        const matchedTerms = asked.filter(
          (term) => found.has(term) || translations.get(term)?.some((each) => found.has(each)),
        );
        const coverage = matchedTerms.reduce((sum, term) => sum + rarity(term), 0) / total;
        if (coverage >= minCoverage)
          hits.push({
            passage,
            score: score * coverage ** 2,
            coverage,
            matchedTerms,
            foundTerms: terms,
          });
      }
      return hits.sort((a, b) => b.score - a.score).slice(0, limit);
    },
  };
}
