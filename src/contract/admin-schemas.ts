import type Joi from 'joi';
import type { AdminPageQuery, UserListQuery } from './admin.js';
import { LIMITS } from './limits.js';
import { count, parameters, text } from './schema-types.js';

const pageKeys = {
  limit: count(1, LIMITS.pageMax),
  cursor: text(LIMITS.cursorChars),
} satisfies Joi.StrictSchemaMap<AdminPageQuery>;

export const userListQuery = parameters<UserListQuery>({
  ...pageKeys,
  q: text(LIMITS.searchChars).allow(''),
});

export const usageListQuery = parameters<AdminPageQuery>(pageKeys);
