import type { JsonSchema, JsonSchemaOutput } from './json-schema';

/** What a client tool is told besides its arguments. */
export interface ToolContext {
  /** The `id` of the call in `messages`. */
  readonly toolCallId: string;
  /** Aborted by `stop()` and by unmounting. */
  readonly signal: AbortSignal;
}

/** A tool that runs on the page: the agent calls it, the page answers. */
export interface ClientTool<TArguments = unknown> {
  /** Tells the model what the tool is good for. */
  readonly description: string;
  /** JSON Schema of the arguments. Default: a tool without arguments. */
  readonly parameters?: JsonSchema;
  /** Checks the arguments; what it throws is the tool's answer. Default: the arguments are passed on as the model wrote them. */
  parse?(value: unknown): TArguments;
  /** A string is sent as it is, anything else as JSON. What it throws is told to the agent as the tool's answer. */
  execute(args: TArguments, context: ToolContext): unknown;
}

/** Client tools by name. */
export type ClientTools = { readonly [name: string]: ClientTool };

/**
 * Types a client tool: the arguments of `execute` are inferred from the JSON Schema literal.
 *
 * Does not check the arguments against the schema; models do get them wrong. Give `parse` where it matters.
 *
 * @example
 * ```ts
 * import { agentTool } from '@magi/stream-react';
 * const setTheme = agentTool({
 *   description: 'Switches the page between light and dark',
 *   parameters: { type: 'object', properties: { theme: { enum: ['light', 'dark'] } }, required: ['theme'] },
 *   execute: ({ theme }) => { document.documentElement.dataset.theme = theme; return 'done'; },
 * });
 * // useAgentStream({ url: '/api/agent', tools: { setTheme } })
 * ```
 */
export function agentTool<const S extends JsonSchema, TArguments = JsonSchemaOutput<S>>(
  tool: Omit<ClientTool<TArguments>, 'parameters'> & { readonly parameters?: S },
): ClientTool<TArguments> {
  return tool;
}
