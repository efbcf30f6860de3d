import type { TokenResponse } from '../../src/contract/accounts.js';

export interface Account {
  id: number;
  email: string;
  username: string;
  password: string;
  token: string;
  refreshToken: string;
}

export interface CallOptions {
  method?: string;
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** `T` is the type that the test expects, by default a problem. */
export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

/** Makes a REST call as a client that is not a browser. */
export async function callRest<T>(url: string, options: CallOptions = {}): Promise<Answer<T>> {
  const { token, body, headers = {} } = options;
  const response = await fetch(url, {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    headers: response.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

export async function registerAt(url: string, username: string): Promise<Account> {
  const given = { email: `${username}@example.com`, username, password: 'SecurePass123!' };
  const { body: tokens } = await callRest<TokenResponse>(`${url}/auth/register`, { body: given });
  return {
    ...given,
    id: tokens.user.id,
    token: tokens.access_token ?? '',
    refreshToken: tokens.refresh_token ?? '',
  };
}
