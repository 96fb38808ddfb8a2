import { readDocuments } from './documents';
import { passagesOf } from './passages';
import { createPassageIndex, type PassageIndex } from './search-index';

/** Builds the index over the Markdown of the repository at `root`. */
export function indexRepository(root: string): PassageIndex {
  return createPassageIndex(readDocuments(root).flatMap(passagesOf));
}
