import type { Timestamp } from './timestamp.js';

/** A user, as the user and administrators see them. */
export interface User {
  id: number;
  email: string;
  username: string;
  roles: string[];
  is_active: boolean;
  created_at: Timestamp;
}

/** The part of a user that others see. */
export interface UserSummary {
  id: number;
  username: string;
}

/** A logged-in device. `device` is a readable name. `current`: it made this request. */
export interface Session {
  id: string;
  device: string;
  user_agent: string;
  ip: string;
  created_at: Timestamp;
  last_used_at: Timestamp;
  expires_at: Timestamp;
  current: boolean;
}

/** Body of `POST /auth/register`. */
export interface RegisterBody {
  email: string;
  username: string;
  password: string;
  /** The token of an invitation. */
  invitation?: string;
}

/** Body of `POST /auth/login`. */
export interface LoginBody {
  email: string;
  password: string;
}

/** Body of `POST /auth/refresh` and `/auth/logout`. Browsers send the cookie instead. */
export interface RefreshBody {
  refresh_token?: string;
}

/** Browsers get the two tokens as cookies, and not here. `expires_in` in seconds. */
export interface TokenResponse {
  access_token?: string;
  refresh_token?: string;
  token_type: 'bearer';
  expires_in: number;
  user: User;
}

/** Body of `PATCH /users/me`. Omitted fields stay unchanged. */
export interface UpdateUserBody {
  email?: string;
  username?: string;
}

/** Body of `POST /users/me/password`. */
export interface PasswordBody {
  current_password: string;
  new_password: string;
}
