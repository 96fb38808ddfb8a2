import { type ReactNode, StrictMode } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { assert } from './assert';

export interface Mounted {
  readonly container: HTMLElement;
  readonly text: string;
  render(node: ReactNode): void;
  unmount(): void;
}

function mounted(
  root: Root,
  container: HTMLElement,
  wrap: (node: ReactNode) => ReactNode,
): Mounted {
  return {
    container,
    get text() {
      return container.textContent ?? '';
    },
    render: (node) => root.render(wrap(node)),
    unmount: () => root.unmount(),
  };
}

/** Renders into a new element of the page. */
export function mount(node: ReactNode, { strict = false } = {}): Mounted {
  const container = document.body.appendChild(document.createElement('div'));
  const wrap = (inner: ReactNode) => (strict ? <StrictMode>{inner}</StrictMode> : inner);
  const result = mounted(createRoot(container), container, wrap);
  result.render(node);
  return result;
}

/** Takes over HTML that a server rendered. */
export function hydrate(html: string, node: ReactNode, onError: (error: unknown) => void): Mounted {
  const container = document.body.appendChild(document.createElement('div'));
  container.innerHTML = html;
  const root = hydrateRoot(container, node, { onRecoverableError: onError });
  return mounted(root, container, (inner) => inner);
}

/** Lets timers, messages and React's own scheduling run. */
export function pause(milliseconds = 20): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until `condition` holds. Fails after 15 seconds. */
export async function until(condition: () => boolean, what = String(condition)): Promise<void> {
  for (let attempt = 0; attempt < 3_000; attempt++) {
    if (condition()) return;
    await pause(5);
  }
  assert.ok(false, `Never became true: ${what}`);
}
