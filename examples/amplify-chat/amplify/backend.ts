import { defineBackend } from '@aws-amplify/backend';
import { AgentStreamUrl } from '@magi/lambda-stream/cdk';
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { agentPermission } from './agent-permission';
import { auth } from './auth/resource';
import { readDeployment } from './deployment';
import { agentStream } from './functions/agent-stream/resource';

const { source, agents, allowedOrigins, variables } = readDeployment(process.env);

export const backend = defineBackend({ auth, agentStream });

const { lambda } = backend.agentStream.resources;
const { userPool, userPoolClient, cfnResources } = backend.auth.resources;

// Whoever has a user may ask, and every question costs: Amplify's defaults would let anybody make a user.
cfnResources.cfnUserPool.adminCreateUserConfig = { allowAdminCreateUserOnly: true };
cfnResources.cfnIdentityPool.allowUnauthenticatedIdentities = false;

for (const [name, value] of Object.entries(variables))
  backend.agentStream.addEnvironment(name, value);
backend.agentStream.addEnvironment('CHAT_AUTH', 'cognito');
backend.agentStream.addEnvironment('COGNITO_USER_POOL_ID', userPool.userPoolId);
backend.agentStream.addEnvironment('COGNITO_CLIENT_ID', userPoolClient.userPoolClientId);

const stack = Stack.of(lambda);
lambda.addToRolePolicy(new PolicyStatement(agentPermission(source, agents, stack)));

// NONE, because the handler verifies the caller's Cognito token before the first byte: a browser sends a bearer token, and an AWS_IAM
// URL takes only SigV4. The URL is public, so set reserved concurrency to bound what unwelcome callers can cost.
const { url } = new AgentStreamUrl(stack, 'AgentStreamUrl', {
  function: lambda,
  authType: FunctionUrlAuthType.NONE,
  allowedOrigins,
});

backend.addOutput({ custom: { agentStreamUrl: url } });
