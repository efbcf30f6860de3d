/**
 * One row: the deployment's own id, and the history of its data. A failover or a restore can bring back an older state;
 * `place` is the server and timeline on which `history` began, so that whoever connects sees another one. `claim` is the
 * identity of one claim beyond its number, and `attempt_floor` keeps later claims above numbers that may have been lost.
 */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE deployment (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        id uuid NOT NULL DEFAULT gen_random_uuid(),
        history integer NOT NULL DEFAULT 0 CHECK (history >= 0),
        history_id uuid NOT NULL DEFAULT gen_random_uuid(),
        place text NOT NULL DEFAULT '',
        began_at timestamptz(3) NOT NULL DEFAULT now()
      );
      INSERT INTO deployment DEFAULT VALUES;
      ALTER TABLE generations
        ADD COLUMN claim uuid,
        ADD COLUMN attempt_floor integer NOT NULL DEFAULT 0 CHECK (attempt_floor >= 0);
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      ALTER TABLE generations DROP COLUMN attempt_floor, DROP COLUMN claim;
      DROP TABLE deployment;
    `),
};
