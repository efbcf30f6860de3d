import type { Invitation } from '../../contract/invitations.js';
import type { Page } from './account-repository.js';

export interface InvitationToStore {
  tokenHash: string;
  email: string | null;
  role: string;
  createdBy: number;
  hours: number;
}

export interface InvitationRepository {
  /** Null: there are `most` open ones already. Call it while `lockAdmins` holds. */
  create(invitation: InvitationToStore, most: number): Promise<Invitation | null>;
  /** Newest first. @throws AppError `validation_failed` for a foreign cursor */
  list(query: { limit: number; cursor?: string }): Promise<Page<Invitation>>;
  find(tokenHash: string): Promise<Invitation | null>;
  /** Locks the row until the transaction ends. */
  lock(id: number): Promise<Invitation | null>;
  /** Marks an invitation as used and forgets its address, if it is still open; false if it is not. Locks the row. */
  use(id: number): Promise<boolean>;
  /** Names the account that was created with it. */
  setUser(id: number, userId: number): Promise<void>;
  delete(id: number): Promise<void>;
  /** Deletes used and expired ones after a month. */
  prune(rows: number): Promise<number>;
}
