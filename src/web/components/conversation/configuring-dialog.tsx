import { useApp, useChat } from '../../state/app.js';
import { findConversation } from '../../state/find-conversation.js';
import { ConversationSettings } from './conversation-settings.js';

/** Model and settings of the conversation for which they were asked. */
export const ConfiguringDialog = ({ onClose }: { onClose(): void }) => {
  const { configuring } = useApp().screen;
  const id = configuring.value;
  const conversation = id === null ? null : findConversation(useChat(), id);
  return conversation && <ConversationSettings conversation={conversation} onClose={onClose} />;
};
