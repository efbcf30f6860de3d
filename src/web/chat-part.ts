/** What only somebody who is logged in needs. */
export { ChatPage } from './components/page/chat-page.js';
export { createChat } from './state/chat.js';
