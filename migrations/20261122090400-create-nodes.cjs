/** Heartbeats of the gateway processes. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE nodes (
        id text PRIMARY KEY,
        hostname text NOT NULL DEFAULT '',
        version text NOT NULL DEFAULT '',
        hears boolean NOT NULL DEFAULT true,
        started_at timestamptz(3) NOT NULL DEFAULT now(),
        beat_at timestamptz(3) NOT NULL DEFAULT now()
      );
      CREATE INDEX nodes_beat_at ON nodes (beat_at);
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE nodes'),
};
