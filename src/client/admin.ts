/** What administrators do. */
export type { AuditAction, AuditEntry, AuditQuery } from '../contract/audit.js';
export { type AdminRest, createAdminRest, type RestPage } from './admin-rest.js';
