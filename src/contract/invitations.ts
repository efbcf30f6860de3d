import type { UserSummary } from './accounts.js';
import type { Amount } from './amount.js';
import type { Timestamp } from './timestamp.js';

/**
 * Who may register. `first`: there is no account yet, and the first one becomes administrator. `open`: everybody.
 * `invite`: people with an invitation. `closed`: nobody.
 */
export type RegistrationState = 'first' | 'open' | 'invite' | 'closed';

/** Response of `GET /auth/registration`. */
export interface RegistrationInfo {
  registration: RegistrationState;
}

/** Body of `POST /auth/invitation`. */
export interface InvitationToken {
  invitation: string;
}

/** An invitation as its reader sees it. An `email` that is not null is the only one that may register with it. */
export interface InvitationPreview {
  email: string | null;
  expires_at: Timestamp;
}

/** Body of `POST /admin/invitations`. `role` (default `user`) is granted besides `user`. */
export interface InvitationBody {
  email?: string;
  role?: string;
  /** At most `LIMITS.invitationHours`; by default `LIMITS.invitationHoursDefault`. */
  expires_in_hours?: Amount;
}

/** What became of an invitation. */
export type InvitationStatus = 'open' | 'used' | 'expired';

/** An invitation as administrators see it. */
export interface Invitation {
  id: number;
  status: InvitationStatus;
  /** Null: anybody may use it, or it has been used. */
  email: string | null;
  role: string;
  created_by: UserSummary;
  /** Null until it is used, and when that account is gone. */
  used_by: UserSummary | null;
  created_at: Timestamp;
  expires_at: Timestamp;
  used_at: Timestamp | null;
}

/** A new invitation. Its token is never shown again. */
export interface NewInvitation extends Invitation {
  token: string;
  /** The page with the token after `#`, which no browser sends. */
  url: string;
}
