/** One agent of Amazon Bedrock. */
export interface AgentAddress {
  readonly agentId: string;
  readonly agentAliasId: string;
}

/** Who may call: users of a Cognito user pool, or, said in so many words, anybody. */
export type CallerPolicy =
  | { readonly kind: 'cognito'; readonly userPoolId: string; readonly clientId: string }
  | { readonly kind: 'none' };

export interface Environment {
  readonly agent: AgentAddress;
  readonly callers: CallerPolicy;
  /** The sages by name, and the judge. Absent: no council here. */
  readonly council: Council | undefined;
}

export interface Council {
  readonly sages: Readonly<Record<string, AgentAddress>>;
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

const judgeName = 'solomon';

/** Reads `caspar=ID/ALIAS,balthasar=ID/ALIAS,melchior=ID/ALIAS,solomon=ID/ALIAS`. */
function readCouncil(text: string | undefined): Council | undefined {
  if (!text) return undefined;
  const agents = text.split(',').map((entry) => {
    const match = /^\s*([a-z][a-z0-9-]*)=([^/\s]+)\/([^/\s]+)\s*$/.exec(entry);
    if (!match)
      throw new Error(`Write COUNCIL_AGENTS as name=ID/ALIAS,…: got ${JSON.stringify(entry)}`);
    const [, name = '', agentId = '', agentAliasId = ''] = match;
    return [name, { agentId, agentAliasId }] as const;
  });
  const { [judgeName]: judge, ...sages } = Object.fromEntries(agents);
  if (!judge || Object.keys(sages).length === 0)
    throw new Error(`Name at least one sage and the judge "${judgeName}" in COUNCIL_AGENTS`);
  return { sages, judge };
}

/**
 * Reads what the function must know, and throws for what is missing.
 *
 * It is read while the function initialises, so a function that nobody configured refuses to start instead of answering anybody.
 */
export function readEnvironment(env: Variables): Environment {
  return {
    agent: {
      agentId: required(env, 'AGENT_ID'),
      agentAliasId: required(env, 'AGENT_ALIAS_ID'),
    },
    callers: readCallers(env),
    council: readCouncil(env.COUNCIL_AGENTS),
  };
}
