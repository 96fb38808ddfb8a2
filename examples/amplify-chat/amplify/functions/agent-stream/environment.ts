/** Where the agents live. */
export const agentSources = ['bedrock-agent', 'converse', 'agentcore'] as const;
export type AgentSource = (typeof agentSources)[number];

/** One agent, as its service names it. */
export interface AgentAddress {
  /** An agent id of Amazon Bedrock, a model or inference profile for Converse, or the ARN of an AgentCore runtime. */
  readonly id: string;
  /** The agent's alias, or the runtime's endpoint (absent: `DEFAULT`). A model has none. */
  readonly alias: string | undefined;
}

/** Who may call: users of a Cognito user pool, or, said in so many words, anybody. */
export type CallerPolicy =
  | { readonly kind: 'cognito'; readonly userPoolId: string; readonly clientId: string }
  | { readonly kind: 'none' };

export interface Environment {
  readonly source: AgentSource;
  readonly agent: AgentAddress;
  readonly callers: CallerPolicy;
  /** The sages by name, and the judge. Absent: no council here. */
  readonly council: Council | undefined;
}

export interface Council {
  readonly sages: Readonly<Partial<Record<SageName, AgentAddress>>>;
  readonly judge: AgentAddress;
}

type Variables = Readonly<Record<string, string | undefined>>;

function required(env: Variables, name: string): string {
  const value = env[name];
  if (!value) throw new Error(`Set ${name}: the function cannot start without it`);
  return value;
}

function readCallers(env: Variables): CallerPolicy {
  switch (env.CHAT_AUTH) {
    case 'cognito':
      return {
        kind: 'cognito',
        userPoolId: required(env, 'COGNITO_USER_POOL_ID'),
        clientId: required(env, 'COGNITO_CLIENT_ID'),
      };
    case 'none':
      return { kind: 'none' };
    default:
      throw new Error(
        `Set CHAT_AUTH to "cognito", or to "none" to let anybody call: got ${JSON.stringify(env.CHAT_AUTH ?? '')}`,
      );
  }
}

/** Reads `AGENT_SOURCE`; without it agents are Amazon Bedrock's. */
export function readAgentSource(env: Variables): AgentSource {
  const name = env.AGENT_SOURCE ?? 'bedrock-agent';
  const source = agentSources.find((each) => each === name);
  if (source === undefined)
    throw new Error(
      `Set AGENT_SOURCE to one of "${agentSources.join('", "')}": got ${JSON.stringify(name)}`,
    );
  return source;
}

const runtimeArn = /^arn:[^:\s]+:bedrock-agentcore:[^:\s]+:\d{12}:runtime\/[^/\s]+$/;

/** Reads one agent: `ID/ALIAS`, a model, or the ARN of a runtime, which takes `alias` as its endpoint. */
function readAddress(
  source: AgentSource,
  text: string,
  alias: string | undefined,
): AgentAddress | undefined {
  switch (source) {
    case 'bedrock-agent': {
      const [, id, ownAlias] = /^([^/\s]+)\/([^/\s]+)$/.exec(text) ?? [];
      return id === undefined ? undefined : { id, alias: ownAlias };
    }
    case 'converse':
      return /^\S+$/.test(text) ? { id: text, alias: undefined } : undefined;
    case 'agentcore':
      return runtimeArn.test(text) ? { id: text, alias: alias || undefined } : undefined;
  }
}

const addressForms: Readonly<Record<AgentSource, string>> = {
  'bedrock-agent': 'ID/ALIAS',
  converse: 'MODEL',
  agentcore: 'RUNTIME_ARN',
};

function readAgent(env: Variables, source: AgentSource): AgentAddress {
  const id = required(env, 'AGENT_ID');
  const text = source === 'bedrock-agent' ? `${id}/${required(env, 'AGENT_ALIAS_ID')}` : id;
  const agent = readAddress(source, text, env.AGENT_ALIAS_ID);
  if (!agent)
    throw new Error(
      `Set AGENT_ID to what AGENT_SOURCE "${source}" asks, as ${addressForms[source]}: got ${JSON.stringify(text)}`,
    );
  return agent;
}

/** The sages that the page draws: another one would be asked, and paid for, for nobody. */
export const sageNames = ['caspar', 'balthasar', 'melchior'] as const;
export type SageName = (typeof sageNames)[number];

/** The name of the one that weighs the sages' opinions. */
export const judgeName = 'solomon';

/** What an agent is here. */
export type Role = 'assistant' | SageName | typeof judgeName;

/** Reads `caspar=AGENT,balthasar=AGENT,melchior=AGENT,solomon=AGENT`. */
function readCouncil(env: Variables, source: AgentSource): Council | undefined {
  const variable = env.COUNCIL_AGENTS;
  if (!variable) return undefined;
  const agents: Partial<Record<SageName | typeof judgeName, AgentAddress>> = {};
  for (const entry of variable.split(',')) {
    const [, name = '', text = ''] = /^([a-z][a-z0-9-]*)=(.+)$/.exec(entry.trim()) ?? [];
    const agent = readAddress(source, text, env.AGENT_ALIAS_ID);
    if (!agent)
      throw new Error(
        `Write COUNCIL_AGENTS as name=${addressForms[source]},… with AGENT_SOURCE "${source}": got ${JSON.stringify(entry)}`,
      );
    const role = ([...sageNames, judgeName] as const).find((each) => each === name);
    if (!role)
      throw new Error(
        `Name only "${sageNames.join('", "')}" and "${judgeName}" in COUNCIL_AGENTS: got "${name}" in ${JSON.stringify(variable)}`,
      );
    if (agents[role])
      throw new Error(
        `Name each agent once in COUNCIL_AGENTS: got "${name}" twice in ${JSON.stringify(variable)}`,
      );
    agents[role] = agent;
  }
  const { [judgeName]: judge, ...sages } = agents;
  if (!judge || Object.keys(sages).length === 0)
    throw new Error(
      `Name at least one sage and the judge "${judgeName}" in COUNCIL_AGENTS: got ${JSON.stringify(variable)}`,
    );
  return { sages, judge };
}

/**
 * Reads what the function must know, and throws for what is missing.
 *
 * It is read while the function initialises, so a function that nobody configured refuses to start instead of answering anybody.
 */
export function readEnvironment(env: Variables): Environment {
  const source = readAgentSource(env);
  return {
    source,
    agent: readAgent(env, source),
    callers: readCallers(env),
    council: readCouncil(env, source),
  };
}
