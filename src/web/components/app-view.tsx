import { type App, AppContext } from '../state/app.js';
import { ChatPage } from './chat-page.js';
import { Notices } from './notices.js';
import { SignIn } from './sign-in.js';

export const AppView = ({ app }: { app: App }) => (
  <AppContext.Provider value={app}>
    {app.chat.value === null ? <SignIn /> : <ChatPage key={app.session.user.value?.id} />}
    <Notices />
  </AppContext.Provider>
);
