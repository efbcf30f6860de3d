/** The parts that only logged-in people need. */
export { ChatPage } from './components/page/chat-page.js';
export { createChat } from './state/chat.js';
