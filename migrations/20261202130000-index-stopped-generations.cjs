/** Answers that wait and only have to be ended: a claim finds them without reading the queue. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE INDEX generations_stopped ON generations (id) WHERE state = 'queued' AND stop_requested;
    `),

  down: ({ sequelize }) => sequelize.query('DROP INDEX generations_stopped'),
};
