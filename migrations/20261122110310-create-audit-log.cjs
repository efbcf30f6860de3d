/** Who did what to accounts. No foreign keys: entries outlive what they name. Nothing is changed; only what is old may go. */
module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      CREATE TABLE audit_log (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz(3) NOT NULL DEFAULT now(),
        action text NOT NULL CHECK (action <> ''),
        actor_id bigint,
        subject_id bigint,
        session_id uuid,
        ip text NOT NULL DEFAULT '' CHECK (char_length(ip) <= 64),
        user_agent text NOT NULL DEFAULT '' CHECK (char_length(user_agent) <= 512),
        details jsonb NOT NULL DEFAULT '{}' CHECK (octet_length(details::text) <= 8192)
      );
      CREATE INDEX audit_log_actor_id ON audit_log (actor_id, id DESC);
      CREATE INDEX audit_log_subject_id ON audit_log (subject_id, id DESC);
      CREATE INDEX audit_log_action ON audit_log (action, id DESC);
      CREATE INDEX audit_log_at ON audit_log (at);

      CREATE FUNCTION audit_log_keep() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < now() - interval '30 days' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
      END $$;
      CREATE TRIGGER audit_log_keep_rows BEFORE UPDATE OR DELETE ON audit_log
        FOR EACH ROW EXECUTE FUNCTION audit_log_keep();
      CREATE TRIGGER audit_log_keep_all BEFORE TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION audit_log_keep();
    `),

  down: ({ sequelize }) => sequelize.query('DROP TABLE audit_log; DROP FUNCTION audit_log_keep'),
};
