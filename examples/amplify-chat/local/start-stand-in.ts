import { type Bedrock, startBedrock } from '@magi/lambda-stream/testing';
import { naturalCadence } from './cadence';
import { demoFault } from './demo-command';
import { createLocalAgent } from './local-agent';
import type { PassageIndex } from './search-index';

export interface StandInOptions {
  readonly index: PassageIndex;
  /** Where the page is, for the links of the citations: `http://localhost:3000`. */
  readonly pageOrigin: string;
}

/** The agent that answers by full-text search, and one whose every answer fails half way. */
export const localAgents = { search: 'local-agent', failing: 'failing-agent' } as const;

/** Starts the stand-in for Amazon Bedrock with the local agents behind it. */
export function startStandIn({ index, pageOrigin }: StandInOptions): Promise<Bedrock> {
  const search = createLocalAgent({ index, pageOrigin, cadence: naturalCadence });
  const failing = createLocalAgent({ index, pageOrigin, alwaysFails: true });
  return startBedrock({
    agents: { [localAgents.search]: search, [localAgents.failing]: failing },
    fault: demoFault,
  });
}
