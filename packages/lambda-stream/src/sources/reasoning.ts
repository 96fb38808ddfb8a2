import type { Emit } from './run-upstream';
import type { Attribution } from './text-message';

/** Emits a whole piece of reasoning as a reasoning message of its own. */
export function emitReasoning(
  messageId: string,
  content: { readonly text?: string | undefined; readonly encryptedValue?: string | undefined },
  attribution: Attribution,
  emit: Emit,
): void {
  const { text, encryptedValue } = content;
  emit({ type: 'REASONING_START', messageId, ...attribution });
  emit({ type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...attribution });
  if (text !== undefined && text !== '') {
    emit({ type: 'REASONING_MESSAGE_CONTENT', messageId, delta: text, ...attribution });
  }
  emit({ type: 'REASONING_MESSAGE_END', messageId, ...attribution });
  if (encryptedValue !== undefined && encryptedValue !== '') {
    emit({
      type: 'REASONING_ENCRYPTED_VALUE',
      subtype: 'message',
      entityId: messageId,
      encryptedValue,
      ...attribution,
    });
  }
  emit({ type: 'REASONING_END', messageId, ...attribution });
}
