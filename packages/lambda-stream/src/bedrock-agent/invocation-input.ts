import type {
  InvocationInput,
  InvocationInputMember,
  Parameter,
} from '@aws-sdk/client-bedrock-agent-runtime';

/** A call of a tool by the agent, as a tool call's name and arguments. */
export interface ToolInvocation {
  /** For pairing with the observation: what kind of tool it is. */
  readonly kind: 'action-group' | 'knowledge-base' | 'code-interpreter';
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** The tool call that a trace of an invocation describes, or `undefined` when it describes something else. */
export function readInvocationInput(input: InvocationInput): ToolInvocation | undefined {
  const action = input.actionGroupInvocationInput;
  if (action !== undefined) {
    return {
      kind: 'action-group',
      name: actionName(action.actionGroupName, action.function, action.verb, action.apiPath),
      arguments: {
        ...parameterValues(action.parameters),
        ...bodyValues(Object.values(action.requestBody?.content ?? {})),
      },
    };
  }
  const lookup = input.knowledgeBaseLookupInput;
  if (lookup !== undefined) {
    return {
      kind: 'knowledge-base',
      name: 'knowledge-base',
      arguments: { knowledgeBaseId: lookup.knowledgeBaseId, query: lookup.text },
    };
  }
  const code = input.codeInterpreterInvocationInput;
  if (code !== undefined) {
    return {
      kind: 'code-interpreter',
      name: 'code-interpreter',
      arguments: { code: code.code, files: code.files },
    };
  }
  return undefined;
}

/** The call that the application is asked to make, when an agent returns control. */
export interface ReturnedInvocation {
  readonly type: 'function' | 'api';
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly actionGroup: string;
  readonly function?: string | undefined;
  readonly httpMethod?: string | undefined;
  readonly apiPath?: string | undefined;
  readonly agentId?: string | undefined;
  readonly collaboratorName?: string | undefined;
  readonly wants: 'RESULT' | 'USER_CONFIRMATION' | 'USER_CONFIRMATION_AND_RESULT';
}

export function readReturnedInvocation(
  member: InvocationInputMember,
): ReturnedInvocation | undefined {
  const { functionInvocationInput, apiInvocationInput } = member;
  const invocation = functionInvocationInput ?? apiInvocationInput;
  if (invocation === undefined) return undefined;
  const called = functionInvocationInput?.function;
  const { httpMethod, apiPath } = apiInvocationInput ?? {};
  const body = Object.values(apiInvocationInput?.requestBody?.content ?? {});
  const actionGroup = invocation.actionGroup ?? '';
  return {
    type: functionInvocationInput === undefined ? 'api' : 'function',
    name: actionName(actionGroup, called, httpMethod, apiPath),
    arguments: {
      ...parameterValues(invocation.parameters),
      ...bodyValues(body.map(({ properties }) => properties ?? [])),
    },
    actionGroup,
    function: called,
    httpMethod,
    apiPath,
    agentId: invocation.agentId,
    collaboratorName: invocation.collaboratorName,
    wants: invocation.actionInvocationType ?? 'RESULT',
  };
}

/** `group.function`, or `group.GET /path` for an action that an API schema describes. */
function actionName(
  group: string | undefined,
  called: string | undefined,
  verb: string | undefined,
  path: string | undefined,
): string {
  const operation = called ?? [verb?.toUpperCase(), path].filter(Boolean).join(' ');
  return (
    [group, operation].filter((part) => part !== undefined && part !== '').join('.') || 'action'
  );
}

function bodyValues(contents: readonly (readonly Parameter[])[]): Record<string, unknown> {
  return Object.assign({}, ...contents.map((properties) => parameterValues(properties)));
}

/** Parameters come as strings beside the name of their type. */
function parameterValues(parameters: readonly Parameter[] | undefined): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, type, value } of parameters ?? []) {
    if (name !== undefined) values[name] = parameterValue(type, value);
  }
  return values;
}

function parameterValue(type: string | undefined, value: string | undefined): unknown {
  if (value === undefined || type === undefined || type === 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    // The service writes arrays and objects in more ways than JSON; the text is still the value.
    return value;
  }
}
