/** A page of a list of administrators: newest first, `cursor` from the `Link` header of the page before. */
export interface AdminPageQuery {
  limit?: number;
  cursor?: string;
}

/** `q` searches addresses and names, without case. */
export interface UserListQuery extends AdminPageQuery {
  q?: string;
}
