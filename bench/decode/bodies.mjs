// The bytes that every consumer reads: the same in every process, because nothing here is random.
const encoder = new TextEncoder();
const MiB = 2 ** 20;
const ascii = 'The council has weighed the request and answers as follows: ';
const cjk = '審議の結果、三人の賢者はこの申請を承認することに決めた。';

/** JSON that each protocol takes for a text delta; `delta` fills it up. */
const forms = {
  agui: (delta) => `{"type":"TEXT_MESSAGE_CONTENT","messageId":"message-1","delta":"${delta}"}`,
  'ai-sdk': (delta) => `{"type":"text-delta","id":"message-1","delta":"${delta}"}`,
};

/** One event of exactly 200 bytes, `data: ` and the blank line included; `cjkShare` of it in 3-byte characters. */
function event(protocol, index, cjkShare) {
  const room = 200 - encoder.encode(`data: ${forms[protocol]('')}\n\n`).length;
  let delta = '';
  let left = room;
  for (let i = index; left >= 3 && room - left < 200 * cjkShare; i++, left -= 3) {
    delta += cjk[i % cjk.length];
  }
  for (let i = index; left > 0; i++, left--) delta += ascii[i % ascii.length];
  return `data: ${forms[protocol](delta)}\n\n`;
}

function lines(protocol, bytes, cjkShare = 0) {
  const texts = [];
  for (let i = 0; i * 200 < bytes; i++) texts.push(event(protocol, i % 997, cjkShare));
  return encoder.encode(texts.join(''));
}

/** AG-UI streams are whole runs, so that its client's checks pass; the three extra events are 1/10 000 of the bytes. */
function asRun(protocol, body) {
  if (protocol !== 'agui') return body;
  const frame = (fields) => `data: ${JSON.stringify(fields)}\n\n`;
  const run = { threadId: 'thread-1', runId: 'run-1' };
  const head = frame({ type: 'RUN_STARTED', ...run });
  const start = frame({ type: 'TEXT_MESSAGE_START', messageId: 'message-1' });
  const end = frame({ type: 'TEXT_MESSAGE_END', messageId: 'message-1' });
  const tail = frame({ type: 'RUN_FINISHED', ...run });
  return Buffer.concat([encoder.encode(head + start), body, encoder.encode(end + tail)]);
}

function cut(body, size) {
  const chunks = [];
  for (let start = 0; start < body.length; start += size) {
    chunks.push(body.subarray(start, start + size));
  }
  return chunks;
}

/** The scenarios: chunks of one protocol. `scale` shrinks all but the 50 MB event. */
export const scenarios = {
  '64k': {
    label: '64 KiB ASCII chunks',
    chunks: (p, scale) => cut(lines(p, 4 * MiB * scale), 65_536),
  },
  per_event: {
    label: 'one event per chunk',
    chunks: (p, scale) => cut(lines(p, MiB * scale), 200),
  },
  cjk: {
    label: '64 KiB chunks, 70 % CJK',
    chunks: (p, scale) => cut(lines(p, 4 * MiB * scale, 0.7), 65_536),
  },
  '50mb': {
    label: 'one 50 MB event in 64 KiB chunks',
    chunks: () => cut(encoder.encode(`data: {"delta":"${'x'.repeat(50_000_000)}"}\n\n`), 65_536),
  },
  typed: {
    label: 'bytes to checked events, 64 KiB chunks',
    chunks: (p, scale) => cut(asRun(p, lines(p, 4 * MiB * scale)), 65_536),
  },
};
