/**
 * Keys fold all that a locale folds: ß is ss, and i is one letter with and without its dot, small and capital. The form
 * before, finer by these letters, stays as `identity_case`. Of accounts whose keys are equal only now, the one that has
 * the key already keeps it, then the oldest; the others lose theirs and are found by their finer form.
 */
const LETTERS = 'ı\u0345ᲀᲁᲂᲃᲄᲅᲆᲇᲈ';
const FOLDED = 'iιвдосттъѣꙋ';
const DOTTED = 'ijɉɨʝϳіјᶖ𝼚';
/** Marks that may stand between a letter and its dot. */
const BELOW = '\u0316-\u0319\u031b-\u033c\u0347-\u0349\u034d-\u034e\u0353-\u0356\u0359-\u035a';

/** The key of `column` anew, where it changes: no new key has letters that an old one could have lost. */
const renew = (column) => `
  UPDATE users u SET ${column} = CASE WHEN k.place = 1 AND NOT k.taken THEN k.key END
  FROM (
    SELECT id, key, row_number() OVER (PARTITION BY key ORDER BY id) AS place,
      EXISTS (SELECT FROM users o WHERE o.${column} = key) AS taken
    FROM (SELECT id, ${column} AS old, identity_key(${column}) AS key FROM users WHERE ${column} ~ '[^ -~]') keys
    WHERE key <> old
  ) k WHERE k.id = u.id;`;

/** Also refuses what names an account without a key. Earlier releases know this constraint by its name. */
const setKey = (column) => `
  IF TG_OP = 'INSERT' OR NEW.${column} <> OLD.${column} THEN
    NEW.${column}_key := identity_key(NEW.${column});
    IF EXISTS (SELECT FROM users u WHERE u.${column}_key IS NULL AND identity_key(u.${column}) = NEW.${column}_key
      AND u.id <> NEW.id)
    THEN
      RAISE unique_violation USING CONSTRAINT = 'users_${column}_key', MESSAGE = 'an account without a key has it';
    END IF;
  END IF;`;

/** The finer key. The domain of an address is in its ASCII form in the key, and not always in the address. */
const KEY_BEFORE = {
  email_key: `identity_case(split_part(email, '@', 1)) || '@' || split_part(coalesce(email_key, identity_case(email)), '@', 2)`,
  username_key: 'identity_case(username)',
};

const restore = (column) => `
  UPDATE users u SET ${column} = CASE WHEN k.place = 1 THEN k.key END
  FROM (
    SELECT id, ${column} AS old, key, row_number() OVER (PARTITION BY key ORDER BY ${column} IS NULL, id) AS place
    FROM (SELECT *, ${KEY_BEFORE[column]} AS key FROM users) keys
  ) k WHERE k.id = u.id AND k.key IS DISTINCT FROM k.old;`;

/** Under another name: it is what its migration made, to the letter. */
const copyFunction = (from, to) => `
  DO $copy$ BEGIN
    EXECUTE replace(pg_get_functiondef('${from}(text)'::regprocedure), '${from}(', '${to}(');
  END $copy$;`;

module.exports = {
  up: ({ sequelize }) =>
    sequelize.query(`
      LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
      ${copyFunction('identity_key', 'identity_case')}
      CREATE OR REPLACE FUNCTION identity_key(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
        normalize(regexp_replace(
          replace(translate(normalize(identity_case($1), NFKD), '${LETTERS}', '${FOLDED}'), 'ß', 'ss'),
          '([${DOTTED}][${BELOW}]*)\u0307+', E'\\\\1', 'g'), NFKC);
      ${renew('email_key')}
      ${renew('username_key')}
      CREATE OR REPLACE FUNCTION users_identity() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        ${setKey('email')}
        ${setKey('username')}
        RETURN NEW;
      END $$;
    `),

  down: ({ sequelize }) =>
    sequelize.query(`
      LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
      ${restore('email_key')}
      ${restore('username_key')}
      CREATE OR REPLACE FUNCTION users_identity() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
      BEGIN
        IF TG_OP = 'INSERT' OR NEW.email <> OLD.email THEN
          NEW.email_key := identity_key(NEW.email);
        END IF;
        IF TG_OP = 'INSERT' OR NEW.username <> OLD.username THEN
          NEW.username_key := identity_key(NEW.username);
        END IF;
        RETURN NEW;
      END $$;
      ${copyFunction('identity_case', 'identity_key')}
      DROP FUNCTION identity_case(text);
    `),
};
