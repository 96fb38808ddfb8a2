import { fetchServerSentEvents, useChat } from '@tanstack/ai-react';
import { useState } from 'react';
import { expose, Message, useCommits } from './harness';

const textOf = ({ parts }) =>
  parts.map((part) => (part.type === 'text' ? part.content : '')).join('');

expose(function Chat({ endpoint, history, onCommit }) {
  const [connection] = useState(() => fetchServerSentEvents(endpoint('ag-ui')));
  const { messages, status, sendMessage } = useChat({
    connection,
    initialMessages: history.map(({ id, role, text }) => ({
      id,
      role,
      parts: [{ type: 'text', content: text }],
    })),
  });
  const last = messages.at(-1);
  const text = last?.role === 'assistant' && !last.id.startsWith('h') ? textOf(last) : '';
  useCommits(onCommit, {
    text,
    isDone: status === 'ready',
    ask: () => void sendMessage('go'),
  });
  return messages.map((message) => (
    <Message key={message.id} role={message.role} text={textOf(message)} />
  ));
});
