import { useEffect, useId, useRef } from 'preact/hooks';
import type { NewInvitation } from '../../../contract/invitations.js';
import { CopyButton } from '../copy-button.js';
import { useAdmin } from './admin-context.js';

/** The link of a new invitation, which the server does not show again. */
export const NewLink = ({ invitation }: { invitation: NewInvitation }) => {
  const { texts } = useAdmin();
  const id = useId();
  const ref = useRef<HTMLInputElement>(null);
  useEffect(() => {
    ref.current?.focus();
    ref.current?.select();
  }, [invitation]);
  return (
    <div class="field admin-link-field">
      <label for={id}>{texts.link}</label>
      <div class="field-box">
        <input
          ref={ref}
          id={id}
          readOnly
          value={invitation.url}
          aria-describedby={`${id}-hint`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <CopyButton label={texts.link} text={() => invitation.url} />
      </div>
      <p class="field-hint" id={`${id}-hint`}>
        {texts.linkHint}
      </p>
    </div>
  );
};
