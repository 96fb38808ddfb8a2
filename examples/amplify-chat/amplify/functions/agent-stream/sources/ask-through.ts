import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import type { AgentSource } from '../environment';
import { askAgentCore } from './agentcore';
import type { Ask } from './ask';
import { askBedrockAgent } from './bedrock-agent';
import { askConverse } from './converse';

/** Makes the client of the chosen service, and no other, and returns how to ask through it. */
export function askThrough(source: AgentSource): Ask {
  switch (source) {
    case 'bedrock-agent':
      return askBedrockAgent(new BedrockAgentRuntimeClient({}));
    case 'converse':
      return askConverse(new BedrockRuntimeClient({}));
    case 'agentcore':
      return askAgentCore(new BedrockAgentCoreClient({}));
  }
}
