import { type Bedrock, startBedrock } from '@magi/lambda-stream/testing';
import { type Cadence, naturalCadence } from './cadence';
import { demoFault } from './demo-command';
import { createLocalJudge } from './judge';
import { createLocalAgent } from './local-agent';
import { composeOpinion, sages } from './sages';
import type { PassageIndex } from './search-index';

export interface StandInOptions {
  readonly index: PassageIndex;
  /** Where the page is, for the links of the citations: `http://localhost:3000`. */
  readonly pageOrigin: string;
}

/** The agent that answers by full-text search, and one whose every answer fails half way. */
export const localAgents = { search: 'local-agent', failing: 'failing-agent' } as const;

/** The council, as `COUNCIL_AGENTS` wants it. */
export const localCouncil = [...Object.keys(sages), 'solomon']
  .map((name) => `${name}=${name}/LOCAL`)
  .join(',');

/** Sages read in parallel, each at its own speed. */
const sageCadences: Readonly<Record<string, Cadence>> = {
  caspar: { intervalMs: 34, pieceBytes: 7 },
  balthasar: { intervalMs: 28, pieceBytes: 8 },
  melchior: { intervalMs: 40, pieceBytes: 7 },
};

/** Starts the stand-in for Amazon Bedrock with the local agents behind it. */
export function startStandIn({ index, pageOrigin }: StandInOptions): Promise<Bedrock> {
  const shared = { index, pageOrigin };
  const council = Object.entries(sages).map(([name, sage]) => [
    name,
    createLocalAgent({
      ...shared,
      cadence: sageCadences[name] ?? naturalCadence,
      maxHits: 12,
      compose: composeOpinion(sage),
    }),
  ]);
  return startBedrock({
    agents: {
      [localAgents.search]: createLocalAgent(shared),
      [localAgents.failing]: createLocalAgent({ ...shared, alwaysFails: true }),
      ...Object.fromEntries(council),
      solomon: createLocalJudge(shared),
    },
    fault: demoFault,
  });
}
