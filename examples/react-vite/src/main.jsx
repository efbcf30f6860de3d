import { createClient, createRest } from 'parley-client';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { Chat } from './app.jsx';

// The page comes from the node's own address, or through Vite's proxy. So the node's cookies are the session.
const rest = createRest({ url: '', token: () => null, timeoutMs: 10_000 });

function App() {
  const [client, setClient] = useState(null);
  const [problem, setProblem] = useState('');
  const login = async (event) => {
    event.preventDefault();
    const { email, password } = Object.fromEntries(new FormData(event.currentTarget));
    try {
      await rest.login({ email, password });
      setClient(createClient());
    } catch (error) {
      setProblem(error.message);
    }
  };
  if (client) return <Chat client={client} />;
  return (
    <form onSubmit={login}>
      <input name="email" type="email" aria-label="Email" placeholder="Email" />
      <input name="password" type="password" aria-label="Password" placeholder="Password" />
      <button type="submit">Log in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

createRoot(document.getElementById('root')).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
