import type { AgentAddress, AgentSource } from './functions/agent-stream/environment';

/** Where the function runs. */
interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** `us.anthropic.…`, `global.amazon.…`: a profile that AWS defines over several regions. */
const profileId = /^(?:us-gov|apac|global|[a-z]{2})\.(.+)$/;

/**
 * Returns the resources of one model: itself, or the profile and the model it stands for in every region.
 *
 * An ARN is taken as it is; an application inference profile needs its models beside it.
 */
function modelResources(id: string, { partition, region, account }: Place): string[] {
  if (id.startsWith('arn:')) return [id];
  const [, modelId] = profileId.exec(id) ?? [];
  if (modelId === undefined) return [`arn:${partition}:bedrock:${region}::foundation-model/${id}`];
  return [
    `arn:${partition}:bedrock:${region}:${account}:inference-profile/${id}`,
    `arn:${partition}:bedrock:*::foundation-model/${modelId}`,
  ];
}

/** Returns what the function's role must be allowed to ask these agents, and nothing beyond them. */
export function agentPermission(
  source: AgentSource,
  agents: readonly AgentAddress[],
  place: Place,
): { actions: string[]; resources: string[] } {
  const { partition, region, account } = place;
  switch (source) {
    case 'bedrock-agent':
      return {
        actions: ['bedrock:InvokeAgent'],
        resources: agents.map(
          ({ id, alias }) =>
            `arn:${partition}:bedrock:${region}:${account}:agent-alias/${id}/${alias}`,
        ),
      };
    case 'converse':
      return {
        actions: ['bedrock:InvokeModelWithResponseStream'],
        // Sages may share a model.
        resources: [...new Set(agents.flatMap(({ id }) => modelResources(id, place)))],
      };
    case 'agentcore':
      return {
        actions: ['bedrock-agentcore:InvokeAgentRuntime', 'bedrock-agentcore:StopRuntimeSession'],
        resources: [
          ...new Set(
            agents.flatMap(({ id, alias = 'DEFAULT' }) => [id, `${id}/runtime-endpoint/${alias}`]),
          ),
        ],
      };
  }
}
