import { type Bedrock, startBedrock } from '@magi/lambda-stream/testing';
import type { LocalAgent } from './agent-step';
import { type Cadence, naturalCadence } from './cadence';
import { demoFault } from './demo-command';
import { createLocalJudge } from './judge';
import { createLocalAgent } from './local-agent';
import { localAgents, localRuntime } from './local-deployment';
import { composeOpinion, sages } from './sages';
import type { PassageIndex } from './search-index';
import { overAgUi } from './wires/ag-ui';
import { overConverse } from './wires/converse';
import { overInvokeAgent } from './wires/invoke-agent';

export interface StandInOptions {
  readonly index: PassageIndex;
  /** Where the page is, for the links of the citations: `http://localhost:3000`. */
  readonly pageOrigin: string;
  /** How fast every agent talks. Default: each at a natural speed of its own. */
  readonly cadence?: Cadence;
}

/** Sages read in parallel, each at its own speed. */
const sageCadences: Readonly<Record<string, Cadence>> = {
  caspar: { intervalMs: 34, pieceBytes: 7 },
  balthasar: { intervalMs: 28, pieceBytes: 8 },
  melchior: { intervalMs: 40, pieceBytes: 7 },
};

function createAgents({ index, cadence }: StandInOptions): Record<string, LocalAgent> {
  const shared = { index, cadence: cadence ?? naturalCadence };
  const council = Object.entries(sages).map(([name, sage]) => [
    name,
    createLocalAgent({
      ...shared,
      cadence: cadence ?? sageCadences[name] ?? naturalCadence,
      maxHits: 12,
      compose: composeOpinion(sage),
    }),
  ]);
  return {
    [localAgents.search]: createLocalAgent(shared),
    [localAgents.failing]: createLocalAgent({ ...shared, alwaysFails: true }),
    ...Object.fromEntries(council),
    solomon: createLocalJudge(shared),
  };
}

/** Starts the stand-in for Amazon Bedrock. Each local agent is behind it three times: as an agent, as a model, and in a runtime. */
export function startStandIn(options: StandInOptions): Promise<Bedrock> {
  const { pageOrigin } = options;
  const agents = Object.entries(createAgents(options));
  const named = <T>(speak: (agent: LocalAgent, pageOrigin: string) => T) =>
    agents.map(([name, agent]) => [name, speak(agent, pageOrigin)] as const);
  return startBedrock({
    agents: Object.fromEntries(named(overInvokeAgent)),
    models: Object.fromEntries(named(overConverse)),
    runtimes: Object.fromEntries(
      named(overAgUi).map(([name, script]) => [localRuntime(name), script]),
    ),
    fault: demoFault,
  });
}
