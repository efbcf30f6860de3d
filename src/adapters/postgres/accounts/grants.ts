/** Roles of a user by name, with the permissions of each; null: none. */
export interface Granted {
  grants: [role: string, permissions: string[]][] | null;
}

/** Selects from `users u`. One subquery for all, because each costs as much as finding a session. */
export const GRANTS_COLUMN = `
  (SELECT json_agg(json_build_array(r.name, r.permissions) ORDER BY r.id)
    FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id) AS grants`;

/** A permission that several roles grant appears several times. */
export const permitted = ({ grants }: Granted) => ({
  roles: (grants ?? []).map(([role]) => role),
  permissions: (grants ?? []).flatMap(([, permissions]) => permissions),
});
