import { customEvent } from '@magi/stream-protocol';
import { blobBytes, toBase64 } from './base64';
import type { ConverseCitation, ConverseDelta } from './converse-frame';
import type { Emit } from './run-upstream';
import type { TextMessage } from './text-message';

/** One content block of a message while it is being written. */
export interface ConverseBlock {
  /** Returns whether the delta is of this block's kind. */
  delta(delta: ConverseDelta, emit: Emit): boolean;
  stop(emit: Emit): void;
}

/** Text, and the citations that support it: they count for the whole block, so they wait for its end. */
export function textBlock(message: TextMessage, nextNumber: () => number): ConverseBlock {
  const start = message.length();
  const citations: ConverseCitation[] = [];
  return {
    delta({ text, citation }, emit) {
      if (text !== undefined) message.append(text, emit);
      if (citation !== undefined) citations.push(citation);
      return text !== undefined || citation !== undefined;
    },
    stop(emit) {
      const span = { start, end: message.length() };
      for (const citation of citations) {
        const { title, source, location } = citation;
        const quote = (citation.sourceContent ?? []).map(({ text }) => text ?? '').join('');
        const uri = location?.web?.url ?? source;
        emit(
          customEvent('magi.citation', {
            messageId: message.messageId,
            id: `${message.messageId}:citation:${nextNumber()}`,
            ...(span.end > span.start && { span }),
            ...(quote !== '' && { quote }),
            ...(title !== undefined && { title }),
            ...(uri !== undefined && { uri }),
            ...(location !== undefined && { metadata: { location } }),
          }),
        );
      }
    },
  };
}

export function reasoningBlock(messageId: string): ConverseBlock {
  let isOpen = false;
  let signature = '';
  // Encoded once: base64 texts that are joined are no base64.
  const redacted: Uint8Array[] = [];
  const open = (emit: Emit): void => {
    if (isOpen) return;
    isOpen = true;
    emit({ type: 'REASONING_START', messageId });
    emit({ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning' });
  };
  return {
    delta({ reasoningContent }, emit) {
      if (reasoningContent === undefined) return false;
      const { text, signature: piece, redactedContent } = reasoningContent;
      open(emit);
      if (text !== undefined && text !== '') {
        emit({ type: 'REASONING_MESSAGE_CONTENT', messageId, delta: text });
      }
      if (piece !== undefined) signature += piece;
      if (redactedContent !== undefined) redacted.push(blobBytes(redactedContent));
      return text !== undefined || piece !== undefined || redactedContent !== undefined;
    },
    stop(emit) {
      if (!isOpen) return;
      emit({ type: 'REASONING_MESSAGE_END', messageId });
      const encryptedValue = signature || toBase64(Buffer.concat(redacted));
      if (encryptedValue !== '') {
        emit({
          type: 'REASONING_ENCRYPTED_VALUE',
          subtype: 'message',
          entityId: messageId,
          encryptedValue,
        });
      }
      emit({ type: 'REASONING_END', messageId });
    },
  };
}

export function toolUseBlock(
  call: { readonly id: string; readonly name: string; readonly parentMessageId: string },
  emit: Emit,
): ConverseBlock {
  const toolCallId = call.id;
  emit({
    type: 'TOOL_CALL_START',
    toolCallId,
    toolCallName: call.name,
    parentMessageId: call.parentMessageId,
  });
  return {
    delta({ toolUse }, emitDelta) {
      if (toolUse?.input === undefined) return false;
      if (toolUse.input !== '') {
        emitDelta({ type: 'TOOL_CALL_ARGS', toolCallId, delta: toolUse.input });
      }
      return true;
    },
    stop(emitEnd) {
      emitEnd({ type: 'TOOL_CALL_END', toolCallId });
    },
  };
}

/** A tool's result is one event in AG-UI, so its pieces are collected. */
export function toolResultBlock(toolCallId: string): ConverseBlock {
  let content = '';
  return {
    delta({ toolResult, toolResultMetadata }) {
      for (const piece of toolResult ?? []) {
        if (piece.text !== undefined) content += piece.text;
        else if (piece.json !== undefined) content += JSON.stringify(piece.json);
      }
      return toolResult !== undefined || toolResultMetadata !== undefined;
    },
    stop(emit) {
      emit({
        type: 'TOOL_CALL_RESULT',
        messageId: `${toolCallId}:result`,
        toolCallId,
        content,
        role: 'tool',
      });
    },
  };
}

export function imageBlock(file: { readonly id: string; readonly format: string }): ConverseBlock {
  const chunks: Uint8Array[] = [];
  let url: string | undefined;
  return {
    delta({ image }) {
      const bytes = image?.source?.bytes;
      if (bytes !== undefined) chunks.push(blobBytes(bytes));
      url = image?.source?.s3Location?.uri ?? url;
      return image !== undefined;
    },
    stop(emit) {
      // An image that failed has neither.
      if (chunks.length === 0 && url === undefined) return;
      emit(
        customEvent('magi.file', {
          id: file.id,
          name: `image.${file.format}`,
          mimeType: `image/${file.format}`,
          ...(chunks.length > 0 && { data: toBase64(Buffer.concat(chunks)) }),
          ...(url !== undefined && { url }),
        }),
      );
    },
  };
}
