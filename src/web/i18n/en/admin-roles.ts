import type { Permission } from '../../../contract/permissions.js';

const may: Record<Permission, string> = {
  'conversations:read': 'Read their own conversations',
  'conversations:write': 'Create, change and delete them',
  'messages:send': 'Ask and stop answers',
  'users:read': 'See people and invitations',
  'users:write': 'Change people, and invite',
  'roles:read': 'See roles',
  'roles:write': 'Define roles',
  'usage:read': 'See what everybody uses',
  'nodes:read': 'See the nodes and the queue',
  'nodes:write': 'Drain nodes',
  'models:test': 'Test models, and read their errors',
  'audit:read': 'Read the audit log',
  'settings:read': 'See the settings',
};

/** Roles, and quotas of roles and people. */
export const adminRolesEn = {
  title: 'Roles',
  hint: 'A role says what its people may do, and how many tokens they may use. With several roles, permissions add up and the largest quota counts.',
  may,
  mayTitle: 'Permissions',
  name: 'Name',
  nameHint: 'Lower-case letters, digits, - and _.',
  newRole: 'New role',
  create: 'Create role',
  created: (name: string) => `The role ${name} is created.`,
  edit: 'Edit',
  editOf: (name: string) => `Edit ${name}`,
  changed: (name: string) => `The role ${name} is changed.`,
  remove: 'Delete',
  removeOf: (name: string) => `Delete ${name}`,
  removeTitle: (name: string) => `Delete the role ${name}?`,
  removeBody: 'Everybody who has it loses it at once.',
  removed: (name: string) => `The role ${name} is deleted.`,
  builtIn: 'Built in',
  everything: 'May do everything',
  permissions: (count: number) =>
    count === 0 ? 'No permissions' : count === 1 ? '1 permission' : `${count} permissions`,
  conflict: 'There is already a role with this name, or there are too many roles.',
  quota: 'Quota',
  quotaOf: (name: string) => `Quota of ${name}`,
  quotaHint: 'Empty: what the roles allow.',
  noLimitHint: 'Empty: no limit.',
  perDay: 'Tokens per day',
  perMonth: 'Tokens per month',
  noLimit: 'No limit',
  dayLimit: (tokens: string) => `${tokens} tokens a day`,
  monthLimit: (tokens: string) => `${tokens} tokens a month`,
  ownQuota: 'Own quota',
  quotaChanged: (name: string) => `The quota of ${name} is changed.`,
  usedToday: 'Today',
  usedInMonth: 'This month',
  cancel: 'Cancel',
};

export type AdminRolesTexts = typeof adminRolesEn;
