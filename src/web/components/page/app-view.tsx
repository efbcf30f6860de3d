import { useRef } from 'preact/hooks';
import { type App, AppContext } from '../../state/app.js';
import { BrokenPart } from '../controls/broken-part.js';
import { Guard } from '../controls/guard.js';
import { Login } from './login.js';
import { Notices } from './notices.js';

export const AppView = ({ app }: { app: App }) => (
  <AppContext.Provider value={app}>
    <Guard of={app.chat.value} fallback={<BrokenPage />}>
      <MainView app={app} />
    </Guard>
    <Guard fallback={null}>
      <Notices />
    </Guard>
  </AppContext.Provider>
);

/** The form stays until the chat can take its place. A person who was logged in already sees none. */
const MainView = ({ app }: { app: App }) => {
  const logsIn = useRef(false);
  const user = app.session.user.value;
  const part = app.chatPart.value;
  if (user !== null && app.chat.value !== null && part !== null) {
    logsIn.current = false;
    return <part.ChatPage key={user.id} />;
  }
  if (user !== null && app.chatFailed.value) return <BrokenPage />;
  logsIn.current ||= user === null;
  return logsIn.current ? <Login /> : null;
};

const BrokenPage = () => (
  <main class="broken-page">
    <BrokenPart />
  </main>
);
