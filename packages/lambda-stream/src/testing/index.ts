export type { BedrockFault } from './bedrock-fault';
export type { BedrockOperation, BedrockRequest } from './bedrock-request';
export type { BedrockFrame, BedrockScript, BedrockScriptContext } from './bedrock-script';
export type { BedrockCredentials } from './check-signature';
export type { CutKind } from './exchange';
export type { BedrockRequestPattern } from './match-request';
export type { ResponseStreamOptions, ResponseStreamRecord } from './response-stream';
export { createResponseStream } from './response-stream';
export type { RuntimePiece, RuntimeScript } from './runtime-script';
export type {
  Bedrock,
  BedrockRequestRecord,
  BedrockScripts,
  StartBedrockOptions,
} from './start-bedrock';
export { startBedrock } from './start-bedrock';
