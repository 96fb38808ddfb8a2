// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Markdown } from './markdown';
import { PreferencesProvider } from './preferences-provider';

let frames: FrameRequestCallback[];

beforeEach(() => {
  frames = [];
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('requestAnimationFrame', (draw: FrameRequestCallback) => frames.push(draw));
  vi.stubGlobal('cancelAnimationFrame', (id: number) => delete frames[id - 1]);
});

afterEach(() => vi.unstubAllGlobals());

it('draws a long list that arrives at once over several frames', async () => {
  const list = Array.from(
    { length: 500 },
    (_, at) => `- item **${at}** with \`code\` and more words to fill it`,
  );
  const host = document.body.appendChild(document.createElement('div'));
  const root = createRoot(host);
  await act(async () =>
    root.render(
      <PreferencesProvider initial={{ language: 'en', theme: 'system' }}>
        <Markdown text={list.join('\n')} />
      </PreferencesProvider>,
    ),
  );
  const drawn = [host.querySelectorAll('li').length];
  const first = host.querySelector('li');
  while (frames.some(Boolean)) {
    const [draw] = frames.filter(Boolean).splice(0);
    frames = [];
    await act(async () => draw?.(0));
    drawn.push(host.querySelectorAll('li').length);
  }
  const steps = drawn.map((count, at) => count - (drawn[at - 1] ?? 0));
  expect(drawn.at(-1)).toBe(500);
  expect(Math.max(...steps)).toBeLessThanOrEqual(40);
  expect(host.querySelector('li')).toBe(first);
  expect(host.querySelector('.prose')?.getAttribute('data-streaming')).toBe('false');
  act(() => root.unmount());
});
