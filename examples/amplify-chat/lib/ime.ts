/** The part of a keyboard event that tells whether an input method is at work. */
export interface CompositionKeyEvent {
  readonly key: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
}

/**
 * Returns whether a key belongs to an input method (IME) and not to the page.
 *
 * Safari ends the composition before it reports the Enter that confirmed it: that key has `isComposing` false but `keyCode` 229.
 * @see https://bugs.webkit.org/show_bug.cgi?id=165004
 */
export function isCompositionKey(event: CompositionKeyEvent): boolean {
  return event.isComposing || event.keyCode === 229 || event.key === 'Process';
}

/** Returns whether Enter was pressed to send: without Shift, and not to confirm what an input method proposed. */
export function isSendKey(
  event: CompositionKeyEvent & { readonly shiftKey: boolean },
  isComposing = false,
): boolean {
  return event.key === 'Enter' && !event.shiftKey && !isComposing && !isCompositionKey(event);
}
