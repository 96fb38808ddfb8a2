import { describe, expect, it } from 'vitest';
import { isSendKey } from './ime';

const enter = { key: 'Enter', keyCode: 13, isComposing: false, shiftKey: false };

describe('isSendKey', () => {
  it('sends on a plain Enter', () => expect(isSendKey(enter)).toBe(true));
  it('makes a new line on Shift and Enter', () =>
    expect(isSendKey({ ...enter, shiftKey: true })).toBe(false));
  it('does not send while an input method is composing', () =>
    expect(isSendKey({ ...enter, isComposing: true })).toBe(false));
  it('does not send on the Enter that Safari reports after the composition', () =>
    expect(isSendKey({ ...enter, keyCode: 229 })).toBe(false));
  it('does not send between compositionstart and compositionend', () =>
    expect(isSendKey(enter, true)).toBe(false));
  it('does not send on other keys', () => expect(isSendKey({ ...enter, key: 'a' })).toBe(false));
});
