import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AgentSource, readAgentSource } from '../amplify/functions/agent-stream/environment';

/** What the page must know about its deployment. */
export interface Deployment {
  /** The function URL. */
  readonly streamUrl: string;
  /** What the labelled local agent speaks (`CHAT_AGENT=local` and `AGENT_SOURCE`, set by the demo). Absent: another agent answers. */
  readonly localWire: string | undefined;
  /** Amplify's outputs when callers sign in with Cognito. */
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The services' own names for what the function calls. */
const wireNames: Readonly<Record<AgentSource, string>> = {
  'bedrock-agent': 'InvokeAgent',
  converse: 'ConverseStream',
  agentcore: 'AgentCore (AG-UI)',
};

async function readOutputs(folder: string): Promise<Record<string, unknown> | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'amplify_outputs.json'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function customUrl(outputs: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const custom = outputs?.custom;
  if (typeof custom !== 'object' || custom === null || !('agentStreamUrl' in custom))
    return undefined;
  return typeof custom.agentStreamUrl === 'string' ? custom.agentStreamUrl : undefined;
}

/**
 * Reads the function URL at request time: `AGENT_STREAM_URL`, else `custom.agentStreamUrl` of `amplify_outputs.json`.
 *
 * Callers sign in when the outputs have `auth`, unless `CHAT_AUTH=none`.
 */
export async function readDeployment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  folder: string = process.cwd(),
): Promise<Deployment> {
  const outputs = await readOutputs(folder);
  const streamUrl = env.AGENT_STREAM_URL ?? customUrl(outputs);
  if (!streamUrl) {
    throw new Error(
      'Set AGENT_STREAM_URL, or deploy the backend so that amplify_outputs.json has custom.agentStreamUrl: no function URL is known',
    );
  }
  if (env.CHAT_AUTH === 'cognito' && outputs?.auth === undefined)
    throw new Error('CHAT_AUTH is "cognito", but amplify_outputs.json has no auth');
  const signsIn = outputs?.auth !== undefined && env.CHAT_AUTH !== 'none';
  const localWire = env.CHAT_AGENT === 'local' ? wireNames[readAgentSource(env)] : undefined;
  return signsIn ? { streamUrl, localWire, outputs } : { streamUrl, localWire };
}
