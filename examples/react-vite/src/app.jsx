import { isFinal } from 'parley-client';
import { useState } from 'react';
import { useConnection, useConversation } from './use-conversation.js';

/** A form with one line of text. */
function Line({ label, disabled, onText }) {
  const submit = (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const text = new FormData(form).get('text').trim();
    if (text !== '') onText(text);
    form.reset();
  };
  return (
    <form onSubmit={submit}>
      <input name="text" aria-label={label} placeholder={label} disabled={disabled} />
      <button type="submit" disabled={disabled}>
        Send
      </button>
    </form>
  );
}

function Message({ message, onStop }) {
  const runs = !isFinal(message.status);
  return (
    <li>
      <strong>{message.role === 'user' ? 'You' : 'Model'}: </strong>
      {message.content}
      {runs && <em> {message.status}… </em>}
      {runs && (
        <button type="button" onClick={() => onStop(message.id)}>
          Stop
        </button>
      )}
      {message.error && <em> {message.error.message}</em>}
    </li>
  );
}

export function Chat({ client }) {
  const [id, setId] = useState(null);
  const [problem, setProblem] = useState('');
  const { state } = useConnection(client);
  const conversation = useConversation(client, id);
  const tell = (error) => setProblem(error.message);
  const ask = async (content) => {
    setProblem('');
    const sent = await client.send({ content, ...(id !== null && { conversation_id: id }) });
    setId(sent.conversation.id);
  };
  return (
    <main>
      <h1>{conversation?.conversation?.title ?? 'A new conversation'}</h1>
      <p role="status">{state}</p>
      <ul>
        {conversation?.messages.map((message) => (
          <Message
            key={message.id}
            message={message}
            onStop={(messageId) => client.stop(messageId).catch(tell)}
          />
        ))}
      </ul>
      <Line label="Message" onText={(text) => ask(text).catch(tell)} />
      <p role="alert">{problem}</p>
    </main>
  );
}
