import type { Sequelize, Transaction } from 'sequelize';
import type { PatientClient } from './driver.js';
import { sqlStateOf } from './errors.js';
import { markEnded, transactionOn } from './sequelize-internals.js';

const IN_FAILED_TRANSACTION = '25P02';

/** Sends one statement. Resolves to the command that Postgres reports. */
type Command = (text: string) => Promise<{ command: string }>;

/**
 * A transaction on a connection of its own, READ COMMITTED, which is Postgres' default. Its BEGIN leaves together
 * with its first statement, because waiting for the reply would cost a round trip.
 */
export class OpenTransaction {
  /** Model calls within the transaction take this handle. */
  readonly handle: Transaction;
  readonly #client: PatientClient;
  readonly #command: Command;
  readonly #begun: Promise<unknown>;
  #ended: Promise<string> | undefined;
  #failure: unknown;

  constructor(sequelize: Sequelize, client: PatientClient, command: Command) {
    this.handle = transactionOn(sequelize, client);
    this.#client = client;
    this.#command = command;
    this.#begun = command('BEGIN');
    // Later statements would run outside a transaction.
    this.#begun.catch(() => client.drop());
  }

  /**
   * The connection for statements of the transaction.
   * @throws after its end, because the connection may then serve others
   */
  get client(): PatientClient {
    if (this.#ended) throw new Error('statement after the end of its transaction');
    return this.#client;
  }

  /** The error of the first failed statement. Statements after it only report that the transaction has failed. */
  causeOf(error: unknown): unknown {
    if (sqlStateOf(error) === IN_FAILED_TRANSACTION && this.#failure !== undefined)
      return this.#failure;
    this.#failure ??= error;
    return error;
  }

  /** Idempotent. @throws if the changes are not stored */
  async commit(): Promise<void> {
    const command = await this.#end('COMMIT');
    // Postgres replies ROLLBACK if an earlier statement failed.
    if (command === 'ROLLBACK') throw new Error('a statement of this transaction had failed');
  }

  /** Does nothing if the end has been sent. Resolves to whether the connection is still usable. */
  async rollBack(): Promise<boolean> {
    return this.#end('ROLLBACK').then(
      () => true,
      () => false,
    );
  }

  #end(text: 'COMMIT' | 'ROLLBACK'): Promise<string> {
    if (!this.#ended) {
      markEnded(this.handle, text === 'COMMIT' ? 'commit' : 'rollback');
      const both = Promise.all([this.#command(text), this.#begun]);
      this.#ended = both.then(([{ command }]) => command);
    }
    return this.#ended;
  }
}
