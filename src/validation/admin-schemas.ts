import Joi from 'joi';
import type {
  AccountChange,
  AdminPageQuery,
  ModelCheckBody,
  RoleBody,
  RoleChange,
  RoleQuota,
  UserListQuery,
  UserQuota,
} from '../contract/admin.js';
import { AUDIT_ACTIONS, type AuditQuery } from '../contract/audit.js';
import type { InvitationBody } from '../contract/invitations.js';
import { LIMITS } from '../contract/limits.js';
import { PERMISSIONS, type Permission } from '../contract/permissions.js';
import { USAGE_SUMS, type UsageQuery } from '../contract/usage.js';
import {
  count,
  email,
  id,
  json,
  modelName,
  moment,
  parameters,
  searchText,
  text,
  visibleText,
} from './schema-types.js';

const pageKeys = {
  limit: count(1, LIMITS.pageMax),
  cursor: text(LIMITS.cursorChars),
} satisfies Joi.StrictSchemaMap<AdminPageQuery>;

const newRoleName = () =>
  Joi.string()
    .max(LIMITS.roleNameChars)
    .pattern(/^[a-z][a-z0-9_-]*$/)
    .example('accountant');
/** Roles that an operator wrote into the table may have other names. */
const knownRoleName = () => visibleText(LIMITS.modelChars);
/** An address or a name. */
const accountName = () => visibleText(LIMITS.emailChars).example('ada');
const permissions = () =>
  Joi.array()
    .items(Joi.string<Permission>().valid(...PERMISSIONS))
    .max(PERMISSIONS.length)
    .unique()
    .example(['usage:read']);
const tokens = () => count(0, LIMITS.id).allow(null);
const quotaKeys = {
  tokens_per_day: tokens(),
  tokens_per_month: tokens(),
} satisfies Joi.StrictSchemaMap<RoleQuota & UserQuota>;

export const userListQuery = parameters<UserListQuery>({
  ...pageKeys,
  q: searchText(),
});

export const usageQuery = parameters<UsageQuery>({
  ...pageKeys,
  by: Joi.string().valid(...USAGE_SUMS),
});
export const invitationListQuery = parameters<AdminPageQuery>(pageKeys);

export const invitationBody = json<InvitationBody>({
  email: email(),
  role: knownRoleName(),
  expires_in_hours: Joi.number().min(0.001).max(LIMITS.invitationHours),
});

export const accountChange = json<AccountChange>({
  is_active: Joi.boolean().example(true),
  roles: Joi.array().items(knownRoleName()).max(LIMITS.rolesPerUser).unique(),
  ...quotaKeys,
});

export const modelCheckBody = json<ModelCheckBody>({ model: modelName() });

export const roleBody = json<RoleBody>({
  name: newRoleName().required(),
  permissions: permissions().required(),
  ...quotaKeys,
});
export const roleChange = json<RoleChange>({ permissions: permissions(), ...quotaKeys });
export const roleParams = parameters<{ name: string }>({ name: knownRoleName().required() });

export const nodeParams = parameters<{ id: string }>({
  id: text(LIMITS.nodeId).required(),
});

export const auditQuery = parameters<AuditQuery>({
  ...pageKeys,
  action: Joi.string().valid(...AUDIT_ACTIONS),
  actor_id: id(),
  subject_id: id(),
  actor: accountName(),
  subject: accountName(),
  since: moment(),
  until: moment(),
});
