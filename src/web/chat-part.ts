/** What only somebody who is signed in needs. */
export { ChatPage } from './components/chat-page.js';
export { createChat } from './state/chat.js';
