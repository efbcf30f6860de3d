/** All nodes on one database, and the database itself. */
export interface Deployment {
  /** Part of every shared name: keys and channels in Redis, channels in Postgres. */
  id: string;
  /** The server that holds the data now, and its history. A copy of the database is another one. */
  location: string;
}

export interface DeploymentRepository {
  /** @throws AppError `unavailable` */
  read(): Promise<Deployment>;
  /** Whether nobody has ever had an account here. Deleted accounts count. */
  isUnused(): Promise<boolean>;
  /** Records that there is an account now. */
  markUsed(): Promise<void>;
}
