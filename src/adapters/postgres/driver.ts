import pg from 'pg';

const INT8 = 20;
const NUMERIC = 1700;
const INT8_ARRAY = 1016;
const NUMERIC_ARRAY = 1231;

const toNumber = (text: string): number => Number(text);

/** One-dimensional `{1,2,NULL}`. */
const toNumbers = (text: string): (number | null)[] =>
  text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((part) => (part === 'NULL' ? null : Number(part)));

const PARSERS = new Map<number, (text: string) => unknown>([
  [INT8, toNumber],
  [NUMERIC, toNumber],
  [INT8_ARRAY, toNumbers],
  [NUMERIC_ARRAY, toNumbers],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && PARSERS.get(oid)) ||
    pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

/** Sequelize hands its own parsers to the client; these take their place, and pg's global ones stay as they are. */
class NumericClient extends pg.Client {
  constructor(config: pg.ClientConfig) {
    super({ ...config, types });
  }
}

/** The `dialectModule` of Sequelize: pg, with ids and counts as numbers. */
export const driver: object = Object.create(pg, { Client: { value: NumericClient } });
