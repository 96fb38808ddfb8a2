import type { BedrockFrame, BedrockRequest } from '@magi/lambda-stream/testing';
import { describe, expect, it } from 'vitest';
import { composeAnswer } from './answer';
import { cutBytes } from './cadence';
import { readDemoCommand } from './demo-command';
import type { RepositoryDocument } from './documents';
import { languageOf } from './language';
import { createLocalAgent } from './local-agent';
import { passagesOf } from './passages';
import { createPassageIndex } from './search-index';
import { englishTerms } from './synonyms';
import { termsOf } from './terms';
import { overInvokeAgent } from './wires/invoke-agent';

const document = (path: string, markdown: string): RepositoryDocument => ({
  path,
  slug: path.replace('.md', ''),
  title: /^# (.+)$/m.exec(markdown)?.[1] ?? path,
  language: languageOf(markdown),
  markdown,
});

const documents = [
  document(
    'guide.md',
    '# Guide\n\n## Deadline\n\nThe run ends with `DEADLINE_EXCEEDED` before the timeout. Everything produced comes first.\n\n' +
      '## Pacing\n\nText deltas are joined for 20 ms.\n\n```ts\npace(source, { minIntervalMs: 20 });\n```\n',
  ),
  document(
    'ja.md',
    '# 手引き\n\n## 権限\n\n関数 URL には二つの権限が必要です。\n\n## 認証\n\nトークンを検証します。\n',
  ),
];
const index = createPassageIndex(documents.flatMap(passagesOf));
const agent = createLocalAgent({ index, cadence: { intervalMs: 0, pieceBytes: 5 } });
const script = overInvokeAgent(agent, 'http://localhost:3000');

const request = (inputText: string, sessionId = 's1'): BedrockRequest => ({
  operation: 'InvokeAgent',
  resourceId: 'local-agent',
  params: { agentId: 'local-agent', agentAliasId: 'LOCAL', sessionId },
  query: {},
  headers: {},
  body: { inputText },
  method: 'POST',
  path: '/',
  httpVersion: '2.0',
  attempt: 1,
});

async function answerTo(inputText: string, sessionId?: string) {
  const frames: BedrockFrame[] = [];
  const { signal } = new AbortController();
  if (typeof script !== 'function') throw new TypeError('Expected a script that reads its request');
  for await (const frame of script(request(inputText, sessionId), { signal })) frames.push(frame);
  const chunks = frames.flatMap((frame) =>
    typeof frame !== 'string' && 'chunk' in frame ? [frame.chunk] : [],
  ) as {
    bytes: Uint8Array;
    attribution?: {
      citations: {
        generatedResponsePart: {
          textResponsePart: { text: string; span: { start: number; end: number } };
        };
      }[];
    };
  }[];
  const decoder = new TextDecoder();
  const text = chunks.map(({ bytes }) => decoder.decode(bytes, { stream: true })).join('');
  const parts = chunks
    .flatMap(({ attribution }) => attribution?.citations ?? [])
    .map(({ generatedResponsePart }) => generatedResponsePart.textResponsePart);
  return { frames, text, parts, json: JSON.stringify(frames) };
}

describe('the local agent', () => {
  it('answers an English question with the passage, quoted word for word', async () => {
    const { text, parts } = await answerTo('What happens at the deadline?');
    expect(text).toContain('> The run ends with `DEADLINE_EXCEEDED` before the timeout.');
    expect(text).toContain('**Deadline** (Guide)');
    expect(parts).toHaveLength(1);
  });

  it('answers a Japanese question in Japanese', async () => {
    const { text } = await answerTo('関数 URL の権限は？');
    expect(text).toMatch(/^この質問にもっとも近い記述は/);
    expect(text).toContain('> 関数 URL には二つの権限が必要です。');
  });

  it('cites exactly the part of the answer that each span names', async () => {
    for (const question of ['How does pacing join text deltas?', '関数 URL の権限は？']) {
      const { text, parts } = await answerTo(question);
      expect(parts.length).toBeGreaterThan(0);
      for (const { text: cited, span } of parts)
        expect(text.slice(span.start, span.end)).toBe(cited);
    }
  });

  it('sends each citation after the text it supports', async () => {
    const { frames } = await answerTo('How does pacing join text deltas?');
    let told = 0;
    for (const frame of frames) {
      const { chunk } = frame as { chunk?: { bytes: Uint8Array; attribution?: unknown } };
      if (chunk?.attribution) expect(told).toBeGreaterThan(0);
      told += chunk?.bytes.length ?? 0;
    }
  });

  it('shows the lookup as a tool call with its arguments and its result', async () => {
    const { json } = await answerTo('What happens at the deadline?');
    expect(json).toContain(
      '"knowledgeBaseLookupInput":{"knowledgeBaseId":"local-full-text-index","text":"What happens at the deadline?"}',
    );
    expect(json).toContain('"knowledgeBaseLookupOutput"');
    expect(json).toContain('preProcessingTrace');
    expect(json).toContain('postProcessingTrace');
  });

  it('claims no tokens, since no model counts any', async () => {
    expect((await answerTo('What happens at the deadline?')).json).not.toContain('"usage"');
  });

  it('says that it found nothing, and does not guess', async () => {
    const { text, parts } = await answerTo('Who won the football match?');
    expect(text).toContain('I found nothing about “Who won the football match?”');
    expect(parts).toEqual([]);
  });

  it('fails once on /fail, and answers when it is asked again', async () => {
    const first = await answerTo('/fail What happens at the deadline?', 'fails');
    expect(first.json).toContain('throttlingException');
    expect(first.text.length).toBeGreaterThan(0);
    const other = await answerTo('/fail What happens to a slow reader?', 'fails');
    expect(other.json).toContain('throttlingException');
    const second = await answerTo('/fail What happens at the deadline?', 'fails');
    expect(second.json).not.toContain('throttlingException');
  });

  it('fails each time on /fail always', async () => {
    for (let round = 0; round < 2; round++)
      expect((await answerTo('/fail always What happens at the deadline?')).json).toContain(
        'throttlingException',
      );
  });
});

describe('cutBytes', () => {
  it('loses nothing, and cuts inside characters too', () => {
    const text = '関数 URL の権限は二つ要る 👩‍👩‍👧 end';
    const pieces = cutBytes(text, 5);
    const decoder = new TextDecoder();
    expect(pieces.map((piece) => decoder.decode(piece, { stream: true })).join('')).toBe(text);
    expect(pieces.some((piece) => (piece[0] ?? 0) >> 6 === 2)).toBe(true);
  });
});

it.each(['バックプレッシャー', 'タイムアウト', 'キープアライブ', '割り込み'])(
  'looks in the English documents for %s, however it is split',
  (word) => {
    const question = `${word}はどう働きますか`;
    expect([...englishTerms(termsOf(question)).values()].flat()).not.toEqual([]);
  },
);

it('finds an English passage by a Japanese word that the segmenter splits', () => {
  const english = document('b.md', '# Flow\n\n## Backpressure\n\nBackpressure stops the source.\n');
  const [hit] = createPassageIndex([english].flatMap(passagesOf)).search('バックプレッシャーとは');
  expect(hit?.matchedTerms).toEqual(['バック', 'プレッシャー']);
});

it('quotes the items that hold the English for what was asked in Japanese', async () => {
  const items = ['Vocabulary', 'Endings', 'Runtime', 'Writes', 'Backpressure end to end'];
  const list = items.map((item, at) => `${at + 1}. **${item}.** ${'Words of it. '.repeat(12)}`);
  const bets = document('bets.md', `# Bets\n\n${list.join('\n')}\n`);
  const [hit] = createPassageIndex(passagesOf(bets)).search('バックプレッシャー');
  expect(hit && composeAnswer([hit], 'ja').text).toContain('Backpressure end to end');
});

describe('termsOf', () => {
  it('splits Japanese into words and leaves particles out', () => {
    expect(termsOf('関数 URL の権限は？')).toEqual(['関数', 'url', '権限']);
  });

  it('finds an identifier by its parts too', () => {
    expect(termsOf('deadlineMarginMs')).toEqual(['deadlinemarginm', 'deadline', 'margin', 'ms']);
  });
});

describe('readDemoCommand', () => {
  it.each([
    ['/fail', 'fail'],
    ['/fail always', 'fail'],
    ['/fail caspar What?', 'fail'],
    ['/truncate What?', 'truncate'],
    ['/SLOW', 'slow'],
  ])('reads %j', (text, name) => expect(readDemoCommand(text)?.name).toBe(name));

  it('leaves an ordinary question alone', () =>
    expect(readDemoCommand('What is /fail?')).toBeUndefined());
});
