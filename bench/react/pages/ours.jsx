import { useAgentStream } from '@magi/stream-react';
import { expose, Message, useCommits } from './harness';

expose(function Chat({ endpoint, history, onCommit }) {
  const { messages, status, send } = useAgentStream({
    url: endpoint('ag-ui'),
    initialMessages: history.map(({ id, role, text }) => ({ id, role, content: text })),
  });
  const last = messages.at(-1);
  const text = last?.role === 'assistant' && last.runId ? last.text : '';
  useCommits(onCommit, { text, isDone: status === 'idle', ask: () => send('go') });
  return messages.map((message) => (
    <Message key={message.id} role={message.role} text={message.text} />
  ));
});
