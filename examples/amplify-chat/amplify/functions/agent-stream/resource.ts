import { defineFunction } from '@aws-amplify/backend';

/** The function whose response stream is the answer. */
export const agentStream = defineFunction({
  name: 'agent-stream',
  entry: './handler.ts',
  // The defaults are the oldest supported Node.js and 3 seconds, which cuts most answers.
  runtime: 24,
  // An agent that calls tools may think for minutes, and a function URL has no limit of its own below Lambda's 15. Ours ends well
  // before: a browser that leaves does not stop the invocation, so this is also the most that one abandoned question can cost.
  timeoutSeconds: 300,
  // Streaming holds little; memory also buys CPU, and CPU shortens the cold start.
  memoryMB: 1024,
  // It needs the user pool's id, so it lives beside it: a grant from auth to the function then makes no cycle between stacks.
  resourceGroupName: 'auth',
});
