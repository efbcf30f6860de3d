import { type App, AppContext } from '../state/app.js';
import { BrokenPart } from './broken-part.js';
import { ChatPage } from './chat-page.js';
import { Guard } from './guard.js';
import { Notices } from './notices.js';
import { SignIn } from './sign-in.js';

export const AppView = ({ app }: { app: App }) => (
  <AppContext.Provider value={app}>
    <Guard of={app.chat.value} fallback={<BrokenPage />}>
      {app.chat.value === null ? <SignIn /> : <ChatPage key={app.session.user.value?.id} />}
    </Guard>
    <Guard fallback={null}>
      <Notices />
    </Guard>
  </AppContext.Provider>
);

const BrokenPage = () => (
  <main class="broken-page">
    <BrokenPart />
  </main>
);
