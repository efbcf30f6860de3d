import type { ErrorCode } from '../../contract/errors.js';
import { findingsEn } from '../../contract/said/findings-en.js';
import { reasonsEn } from '../../contract/said/reasons-en.js';
import { accountEn } from './en/account.js';
import { answersEn } from './en/answers.js';
import { branchesEn } from './en/branches.js';
import { endingsEn } from './en/endings.js';
import { importsEn } from './en/imports.js';
import { keysEn } from './en/keys.js';
import { listEn } from './en/list.js';
import { modelsEn } from './en/models.js';
import { offlineEn } from './en/offline.js';
import { paletteEn } from './en/palette.js';
import { printEn } from './en/print.js';
import { reasoningEn } from './en/reasoning.js';
import { registrationEn } from './en/registration.js';
import { settingsEn } from './en/settings.js';
import { shortcutsEn } from './en/shortcuts.js';
import { updateEn } from './en/update.js';
import { webhooksEn } from './en/webhooks.js';

const errors: Record<ErrorCode, string> = {
  validation_failed: 'Please check what you entered.',
  malformed_json: 'The request was damaged in transit. Please try again.',
  payload_too_large: 'That is too long to send.',
  unauthenticated: 'Please log in again.',
  token_expired: 'You were away for a while. Please log in again.',
  token_invalid: 'Please log in again.',
  session_revoked: 'This device was logged out. Please log in again.',
  key_revoked: 'This key was revoked or has expired.',
  refresh_reused: 'For your safety this session was closed. Please log in again.',
  invalid_credentials: 'The email address and the password do not match.',
  account_disabled: 'This account is disabled.',
  forbidden: 'You are not allowed to do that.',
  origin_not_allowed: 'This address is not allowed to use the server.',
  not_found: 'This no longer exists.',
  email_taken: 'There is already an account with this email address.',
  username_taken: 'This name is taken.',
  conflict: 'This conflicts with an earlier change. Please try again.',
  rate_limited: 'That was a bit fast. Please wait a moment.',
  quota_exceeded: 'Your quota is used up, or reserved by answers that still run.',
  provider_error: 'The model refused to answer this.',
  provider_unavailable: 'The model cannot be reached right now.',
  unavailable: 'The server cannot be reached right now.',
  internal: 'Something went wrong on the server.',
  unknown_event: 'The server does not know how to do that yet.',
};

/** Every text of the page. The other languages have exactly these keys, or do not compile. */
export const en = {
  otherLanguage: '中文',
  switchLanguage: '切换到中文',
  errors,
  /** The reasons why a call was refused, and the findings about fields, by the server's names for them. */
  reasons: reasonsEn as Readonly<Record<string, string>>,
  findings: findingsEn as Readonly<Record<string, string>>,
  account: accountEn,
  keys: keysEn,
  webhooks: webhooksEn,
  answers: answersEn,
  branches: branchesEn,
  imports: importsEn,
  reasoning: reasoningEn,
  registration: registrationEn,
  models: modelsEn,
  saved: offlineEn,
  palette: paletteEn,
  print: printEn,
  list: listEn,
  settings: settingsEn,
  shortcuts: shortcutsEn,
  update: updateEn,
  ...endingsEn,
  tagline: 'Your answer arrives, whatever happens.',
  logIn: 'Log in',
  register: 'Create account',
  logInTitle: 'Welcome back',
  registerTitle: 'Create your account',
  noAccount: 'New here?',
  haveAccount: 'Already have an account?',
  /** The server's names of form fields. */
  fields: {
    email: 'Email',
    username: 'Name',
    password: 'Password',
    new_password: 'New password',
    current_password: 'Current password',
    url: 'The address',
  } as Record<string, string>,
  /** The text between two sentences. */
  gap: ' ',
  sentence: (text: string) => `${text}.`,
  email: 'Email',
  username: 'Name',
  usernameHint: '3 to 32 characters',
  password: 'Password',
  passwordHint: 'At least 8 characters. No common password, and not your email or name.',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  working: 'One moment…',
  logOut: 'Log out',
  skipToChat: 'Skip to the message box',
  conversations: 'Conversations',
  newChat: 'New chat',
  searchPlaceholder: 'Search',
  searchLabel: 'Search conversations',
  clearSearch: 'Clear search',
  noConversations: 'Nothing here yet. Your conversations will be listed here.',
  noMatches: (query: string) => `Nothing found for “${query}”.`,
  today: 'Today',
  yesterday: 'Yesterday',
  lastWeek: 'Previous 7 days',
  older: 'Older',
  untitled: 'New conversation',
  openMenu: 'Open conversations',
  closeMenu: 'Close conversations',
  rename: 'Rename',
  titleLabel: 'Title of the conversation',
  delete: 'Delete',
  cancel: 'Cancel',
  close: 'Close',
  themeToDark: 'Switch to dark',
  themeToLight: 'Switch to light',
  greeting: (name: string) => `Hello, ${name}.`,
  greetingHint: 'What would you like to talk about?',
  suggestions: [
    'Explain how rainbows form',
    'Write a haiku about the sea',
    'Show me a quick sort in Python',
  ],
  demo: 'Demo',
  demoNotice:
    'This is the built-in demo model. It shows how chatting works; its answers are made up.',
  goneTitle: 'Conversation not found',
  goneBody: 'It was deleted, or the address is wrong.',
  loadingConversation: 'Opening the conversation…',
  loadOlder: 'Show earlier messages',
  you: 'You',
  assistant: 'Parley',
  thinking: 'Thinking…',
  queued: (position: number | null) =>
    position === null || position <= 1 ? 'Next in line…' : `Waiting, number ${position} in line…`,
  answering: 'Parley is answering.',
  answered: 'The answer is complete.',
  sending: 'Sending…',
  waitingToSend: 'Will be sent when you are back online',
  notSent: 'Not sent.',
  retry: 'Try again',
  discard: 'Discard',
  jumpToLatest: 'Jump to the latest message',
  messageLabel: 'Message',
  messagePlaceholder: 'Write a message',
  composerHint: 'Enter sends, Shift + Enter starts a new line',
  send: 'Send',
  stop: 'Stop',
  tooLong: (chars: number) => `${chars} characters too long`,
  copy: 'Copy',
  copyOf: (what: string) => `Copy: ${what}`,
  copied: 'Copied',
  copyAnswer: 'Copy answer',
  image: 'Image',
  broken: 'This part of the page could not be shown.',
  notLoaded: 'Could not be loaded. Please try again.',
  reload: 'Reload',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  offline: 'You are offline. Your messages are kept and sent later.',
};

export type Texts = typeof en;
