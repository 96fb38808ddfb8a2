import {
  type AgentAddress,
  type AgentSource,
  readEnvironment,
} from './functions/agent-stream/environment';

/** What is decided where the backend is deployed from. */
export interface DeploymentSettings {
  /** Where the agents live. */
  readonly source: AgentSource;
  /** Every agent the function may invoke. */
  readonly agents: readonly AgentAddress[];
  /** The pages that may call, e.g. `https://main.d111111abcdef8.amplifyapp.com`. */
  readonly allowedOrigins: string[];
  /** The function's environment variables. */
  readonly variables: Readonly<Record<string, string>>;
}

function readOrigins(text: string | undefined): string[] {
  const origins = (text ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  if (origins.length === 0)
    throw new Error(
      'Set ALLOWED_ORIGINS to the page’s origins, separated by commas: no page may call without it',
    );
  for (const origin of origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      throw new Error(
        `Write ALLOWED_ORIGINS as https://host, without a path or a wildcard: got ${JSON.stringify(origin)}`,
      );
  }
  return origins;
}

/** Reads `AGENT_SOURCE` (optional), `AGENT_ID`, `AGENT_ALIAS_ID`, `COUNCIL_AGENTS` (optional) and `ALLOWED_ORIGINS`, and throws for what is missing. */
export function readDeployment(
  env: Readonly<Record<string, string | undefined>>,
): DeploymentSettings {
  const { source, agent, council } = readEnvironment({ ...env, CHAT_AUTH: 'none' });
  const sages = council ? [...Object.values(council.sages), council.judge] : [];
  return {
    source,
    agents: [agent, ...sages],
    allowedOrigins: readOrigins(env.ALLOWED_ORIGINS),
    variables: {
      AGENT_SOURCE: source,
      AGENT_ID: agent.id,
      ...(agent.alias !== undefined && { AGENT_ALIAS_ID: agent.alias }),
      ...(env.COUNCIL_AGENTS ? { COUNCIL_AGENTS: env.COUNCIL_AGENTS } : {}),
    },
  };
}
