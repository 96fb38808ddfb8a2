import type { BedrockScript } from './bedrock-script';

/**
 * One piece of a scripted AgentCore Runtime answer: bytes or a string go out as they are, any other value becomes one
 * server-sent event with the value as JSON.
 */
export type RuntimePiece = string | Uint8Array | { readonly [key: string]: unknown };

/** An AgentCore Runtime's answer: its pieces, or the pieces with the content type to send (default `text/event-stream`). */
export type RuntimeScript =
  | BedrockScript<RuntimePiece>
  | { readonly contentType: string; readonly pieces: BedrockScript<RuntimePiece> };

export function runtimePieces(script: RuntimeScript): {
  contentType: string;
  pieces: BedrockScript<RuntimePiece>;
} {
  return 'pieces' in script ? script : { contentType: 'text/event-stream', pieces: script };
}

export function encodePiece(piece: RuntimePiece): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  const text = typeof piece === 'string' ? piece : `data: ${JSON.stringify(piece)}\n\n`;
  return Buffer.from(text, 'utf8');
}
