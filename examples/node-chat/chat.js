// A chat in the terminal. Ctrl-C stops the running answer, and ends the program when none runs.
//
//   PARLEY_URL=https://chat.example.org PARLEY_KEY=pk_... npm start       a key with the scopes chat and read
//   PARLEY_EMAIL=ada@example.com PARLEY_PASSWORD=... npm start            or an account
import { createInterface } from 'node:readline';
import { createClient, createRest, isFinal } from 'parley-client';

const { PARLEY_URL: url = 'http://localhost:8000', PARLEY_KEY: key } = process.env;
const { PARLEY_EMAIL: email = '', PARLEY_PASSWORD: password = '' } = process.env;

/** A key never needs to be refreshed. An access token does, every quarter of an hour. */
async function credentials() {
  if (key) return { token: key };
  const rest = createRest({ url, token: () => null, timeoutMs: 10_000 });
  let tokens = await rest.login({ email, password });
  const refresh = async () => {
    tokens = await rest.refresh(tokens.refresh_token);
    return tokens.access_token;
  };
  return { token: tokens.access_token, refresh };
}

/** Writes what an answer has more than before. A new attempt has another text, which is written as a whole. */
function createScreen() {
  let shown = '';
  return (text) => {
    if (!text.startsWith(shown)) {
      process.stdout.write('\n[the answer begins again]\n');
      shown = '';
    }
    process.stdout.write(text.slice(shown.length));
    shown = text;
  };
}

/** Shows an answer until it has ended, however many connections that takes. */
function follow(store, messageId) {
  const show = createScreen();
  return new Promise((resolve, reject) => {
    const look = ({ messages, error }) => {
      if (error && !error.retryable) return end(() => reject(error));
      const answer = messages.find(({ id }) => id === messageId);
      if (!answer) return;
      show(answer.content);
      if (isFinal(answer.status)) end(() => resolve(answer));
    };
    const unsubscribe = store.subscribe(look);
    const end = (settle) => {
      unsubscribe();
      settle();
    };
    look(store.state);
  });
}

const client = createClient({ url, ...(await credentials()) });
const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
let conversationId;
let running = null;

function quit(reason) {
  if (reason) console.error(reason);
  process.exitCode = reason ? 1 : 0;
  client.disconnect();
  terminal.close();
}

function interrupt() {
  if (running === null) return quit();
  client.stop(running).catch(({ message }) => {
    if (running !== null) console.error(`[not stopped: ${message}]`);
  });
}

/** Sends a question, and shows its answer. */
async function ask(content) {
  const place = conversationId === undefined ? {} : { conversation_id: conversationId };
  const sent = await client.send({ ...place, content, answer: true });
  conversationId = sent.conversation.id;
  running = sent.assistant_message.id;
  const answer = await follow(client.open(conversationId), running);
  running = null;
  const note = answer.status === 'completed' ? '' : `\n[${answer.error?.message ?? answer.status}]`;
  console.log(note);
}

client.connection.subscribe(({ state, code }) => {
  if (state === 'reconnecting') process.stdout.write('\n[connection lost, it will be back]\n');
  if (state === 'ended') quit(`The session has ended: ${code}`);
});
// In a terminal readline takes Ctrl-C, elsewhere the process does.
terminal.on('SIGINT', interrupt);
process.on('SIGINT', interrupt);

terminal.prompt();
for await (const line of terminal) {
  if (line.trim() !== '') {
    await ask(line).catch(({ message }) => {
      running = null;
      console.error(`[${message}]`);
    });
  }
  terminal.prompt();
}
client.disconnect();
