/** All nodes on one database, and the database itself. */
export interface Deployment {
  /** Part of every name that it uses where others may be: keys and channels in Redis, channels in Postgres. */
  id: string;
  /** Which server holds the data now, and with which history: a copy of the database is another one. */
  place: string;
}

export interface DeploymentRepository {
  read(): Promise<Deployment>;
}
