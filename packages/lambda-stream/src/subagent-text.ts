import type { AgentEvent } from '@magi/stream-protocol';

/** Keeps what one agent says, up to a bound. */
export interface SubagentText {
  take(event: AgentEvent): void;
  /** Its text messages, separated by blank lines. */
  text(): string;
  truncated(): boolean;
}

/** What subagents nested in it say is not its own text. */
export function createSubagentText(subagentRunId: string, maxChars: number): SubagentText {
  let text = '';
  let messageId: string | undefined;
  let truncated = false;

  function add(more: string): void {
    const room = maxChars - text.length;
    if (more.length > room) truncated = true;
    text += more.length > room ? more.slice(0, room) : more;
  }

  return {
    take(event) {
      if (event.type !== 'TEXT_MESSAGE_CONTENT' && event.type !== 'TEXT_MESSAGE_CHUNK') return;
      if (event.subagentRunId !== subagentRunId || !event.delta) return;
      // A chunk without an id continues the message before it.
      const id = event.messageId ?? messageId;
      if (id !== messageId && text !== '') add('\n\n');
      messageId = id;
      add(event.delta);
    },
    text: () => text,
    truncated: () => truncated,
  };
}
