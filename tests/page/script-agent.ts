import type { AgentEvent, RunAgentInput } from '@magi/stream-protocol';
import type { Page } from 'playwright';

type Reply = readonly AgentEvent[] | 'silence';

const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };

/** One message with this text. */
export function says(text: string): AgentEvent[] {
  const messageId = crypto.randomUUID();
  return [
    { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
    { type: 'TEXT_MESSAGE_CONTENT', messageId, delta: text },
    { type: 'TEXT_MESSAGE_END', messageId },
  ];
}

/**
 * Answers the page in the function's place: each run with the next reply, the last one again and again. A reply that does not end
 * the run ends well; `silence` never answers.
 *
 * @returns the inputs of the runs so far.
 */
export async function scriptAgent(
  page: Page,
  functionUrl: string,
  ...replies: readonly Reply[]
): Promise<RunAgentInput[]> {
  const inputs: RunAgentInput[] = [];
  await page.route(`${functionUrl}**`, async (route) => {
    if (route.request().method() !== 'POST') return route.fulfill({ status: 204, headers });
    const input: RunAgentInput = route.request().postDataJSON();
    const reply = replies[Math.min(inputs.push(input), replies.length) - 1] ?? [];
    if (reply === 'silence') return;
    const { threadId, runId } = input;
    const isEnded = reply.some(({ type }) => type === 'RUN_FINISHED' || type === 'RUN_ERROR');
    const events: unknown[] = [
      { type: 'RUN_STARTED', threadId, runId, protocolVersion: '1.0' },
      ...reply.map((event) => (event.type === 'RUN_FINISHED' ? { ...event, runId } : event)),
      ...(isEnded ? [] : [{ type: 'RUN_FINISHED', threadId, runId }]),
    ];
    await route.fulfill({
      status: 200,
      headers: { ...headers, 'content-type': 'text/event-stream; charset=utf-8' },
      body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
    });
  });
  return inputs;
}
