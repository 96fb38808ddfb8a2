import type { GuardrailFindings } from './guardrail-policies';

/**
 * A frame of a Converse stream, as ConverseStream, InvokeHarness and the agents that forward it write it.
 *
 * Bytes are a `Uint8Array` from an SDK and base64 text in JSON.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 */
export interface ConverseFrame {
  readonly messageStart?: { readonly role?: string | undefined } | undefined;
  readonly contentBlockStart?: ConverseBlockStart | undefined;
  readonly contentBlockDelta?: ConverseBlockDelta | undefined;
  readonly contentBlockStop?: { readonly contentBlockIndex?: number | undefined } | undefined;
  readonly messageStop?:
    | { readonly stopReason?: string | undefined; readonly additionalModelResponseFields?: unknown }
    | undefined;
  readonly metadata?: ConverseMetadata | undefined;
  readonly hookEvent?: ConverseHookEvent | undefined;
}

type Bytes = Uint8Array | string;

export interface ConverseBlockStart {
  readonly contentBlockIndex?: number | undefined;
  readonly start?:
    | {
        readonly toolUse?:
          | {
              readonly toolUseId?: string | undefined;
              readonly name?: string | undefined;
              readonly type?: string | undefined;
              readonly serverName?: string | undefined;
            }
          | undefined;
        readonly toolResult?:
          | { readonly toolUseId?: string | undefined; readonly status?: string | undefined }
          | undefined;
        readonly image?: { readonly format?: string | undefined } | undefined;
        readonly $unknown?: unknown;
      }
    | undefined;
}

export interface ConverseBlockDelta {
  readonly contentBlockIndex?: number | undefined;
  readonly delta?: ConverseDelta | undefined;
}

export interface ConverseDelta {
  readonly text?: string | undefined;
  readonly toolUse?: { readonly input?: string | undefined } | undefined;
  readonly reasoningContent?:
    | {
        readonly text?: string | undefined;
        readonly signature?: string | undefined;
        readonly redactedContent?: Bytes | undefined;
        readonly $unknown?: unknown;
      }
    | undefined;
  readonly citation?: ConverseCitation | undefined;
  readonly toolResult?:
    | readonly {
        readonly text?: string | undefined;
        readonly json?: unknown;
        readonly $unknown?: unknown;
      }[]
    | undefined;
  readonly toolResultMetadata?: { readonly metadata?: string | undefined } | undefined;
  readonly image?:
    | {
        readonly source?:
          | {
              readonly bytes?: Bytes | undefined;
              readonly s3Location?: { readonly uri?: string | undefined } | undefined;
              readonly $unknown?: unknown;
            }
          | undefined;
        readonly error?: { readonly message?: string | undefined } | undefined;
      }
    | undefined;
  readonly $unknown?: unknown;
}

export interface ConverseCitation {
  readonly title?: string | undefined;
  readonly source?: string | undefined;
  readonly sourceContent?: readonly { readonly text?: string | undefined }[] | undefined;
  readonly location?:
    | {
        readonly web?:
          | { readonly url?: string | undefined; readonly domain?: string | undefined }
          | undefined;
        readonly documentChar?: object | undefined;
        readonly documentPage?: object | undefined;
        readonly documentChunk?: object | undefined;
        readonly searchResultLocation?: object | undefined;
        readonly $unknown?: unknown;
      }
    | undefined;
}

export interface ConverseMetadata {
  readonly usage?:
    | {
        readonly inputTokens?: number | undefined;
        readonly outputTokens?: number | undefined;
        readonly cacheReadInputTokens?: number | undefined;
        readonly cacheWriteInputTokens?: number | undefined;
      }
    | undefined;
  readonly metrics?: { readonly latencyMs?: number | undefined } | undefined;
  readonly trace?:
    | {
        readonly guardrail?:
          | {
              readonly inputAssessment?: Readonly<Record<string, GuardrailFindings>> | undefined;
              readonly outputAssessments?:
                | Readonly<Record<string, readonly GuardrailFindings[]>>
                | undefined;
            }
          | undefined;
        readonly promptRouter?: { readonly invokedModelId?: string | undefined } | undefined;
      }
    | undefined;
  readonly serviceTier?: { readonly type?: string | undefined } | undefined;
}

/** A hook of an AgentCore harness. */
export interface ConverseHookEvent {
  readonly hookEventId?: string | undefined;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly decision?: string | undefined;
  readonly reason?: string | undefined;
}
