import type { AgentAddress, AgentSource } from './functions/agent-stream/environment';

/** Where the function runs. */
interface Place {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

/** `us.anthropic.…`, `global.amazon.…`: a profile that AWS defines over several regions, and the model behind it. */
const profileId = /(?:^|\/)(?:us-gov|apac|global|[a-z]{2})\.([^/]+)$/;

/**
 * Returns the resources of one model, named by id or ARN: itself, and behind a profile the model in every region.
 *
 * Of an application inference profile the models are not known here: add them.
 */
function modelResources(id: string, { partition, region, account }: Place): string[] {
  const [, modelId] = profileId.exec(id) ?? [];
  const models = modelId ? [`arn:${partition}:bedrock:*::foundation-model/${modelId}`] : [];
  if (id.startsWith('arn:')) return [id, ...models];
  if (modelId)
    return [`arn:${partition}:bedrock:${region}:${account}:inference-profile/${id}`, ...models];
  return [`arn:${partition}:bedrock:${region}::foundation-model/${id}`];
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
