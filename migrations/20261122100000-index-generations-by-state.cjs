/**
 * No statement of the queue has to meet what is finished, and renewing a lease touches no index. Statistics of
 * `state` would be those of an empty queue when thousands wait, so the planner gets none and goes by the indexes' sizes.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE INDEX generations_running ON generations (user_id) WHERE state = 'running';
      CREATE INDEX generations_finished ON generations (id) WHERE state = 'finished';
      DROP INDEX generations_lease_expires_at;
      -- The same type again: this forgets the statistics that are there.
      ALTER TABLE generations ALTER state TYPE text, ALTER state SET STATISTICS 0;
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE generations ALTER state SET STATISTICS -1;
      CREATE INDEX generations_lease_expires_at ON generations (lease_expires_at) WHERE state <> 'queued';
      DROP INDEX generations_running, generations_finished;
    `),
};
