/** Calls of administrators. */
export type { AuditAction, AuditEntry, AuditQuery } from '../contract/audit.js';
export { type AdminRest, createAdminRest, type RestPage } from './rest/admin-rest.js';
