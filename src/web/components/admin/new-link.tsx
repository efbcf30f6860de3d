import type { NewInvitation } from '../../../contract/invitations.js';
import { ShownOnce } from '../controls/shown-once.js';
import { useAdmin } from './admin-context.js';

/** The link of a new invitation, which the server does not show again. */
export const NewLink = ({ invitation }: { invitation: NewInvitation }) => {
  const { texts } = useAdmin();
  return <ShownOnce label={texts.link} hint={texts.linkHint} value={invitation.url} />;
};
