import type { AgentSource } from '../amplify/functions/agent-stream/environment';
import { sages } from './sages';

/** The agent that answers by full-text search, and one whose every answer fails half way. */
export const localAgents = { search: 'local-agent', failing: 'failing-agent' } as const;

/** What every name of a local agent gets so that it looks like the ARN of a runtime. */
export const localRuntime = (name: string): string =>
  `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${name}`;

/** Returns the function's environment variables that lead to a local agent, by the source that was chosen. */
export function localDeployment(
  source: AgentSource,
  agent: string = localAgents.search,
): Record<'AGENT_SOURCE' | 'AGENT_ID' | 'COUNCIL_AGENTS', string> & { AGENT_ALIAS_ID?: string } {
  const known: string[] = Object.values(localAgents);
  if (!known.includes(agent)) {
    throw new Error(
      `Set LOCAL_AGENT to one of "${known.join('", "')}": got ${JSON.stringify(agent)}`,
    );
  }
  const council = (addressOf: (name: string) => string) =>
    [...Object.keys(sages), 'solomon'].map((name) => `${name}=${addressOf(name)}`).join(',');
  switch (source) {
    case 'bedrock-agent':
      return {
        AGENT_SOURCE: source,
        AGENT_ID: agent,
        AGENT_ALIAS_ID: 'LOCAL',
        COUNCIL_AGENTS: council((name) => `${name}/LOCAL`),
      };
    case 'converse':
      return { AGENT_SOURCE: source, AGENT_ID: agent, COUNCIL_AGENTS: council((name) => name) };
    case 'agentcore':
      return {
        AGENT_SOURCE: source,
        AGENT_ID: localRuntime(agent),
        COUNCIL_AGENTS: council(localRuntime),
      };
  }
}
