import { type Sequelize, Transaction } from 'sequelize';
import type { PatientClient } from './driver.js';
import { codeOf } from './errors.js';
import { markEnded } from './sequelize-internals.js';

const IN_FAILED_TRANSACTION = '25P02';

/** Sends one statement; resolves to the command that Postgres says it has run. */
type Command = (text: string) => Promise<{ command: string }>;

/**
 * A transaction on a connection of its own, READ COMMITTED, which is Postgres' default. Its BEGIN goes out with its
 * first statement: who waits for its answer pays a round trip.
 */
export class OpenTransaction {
  /** For calls of models that belong to it. */
  readonly handle: Transaction;
  readonly #client: PatientClient;
  readonly #command: Command;
  readonly #begun: Promise<unknown>;
  #ended: Promise<string> | undefined;
  #failure: unknown;

  constructor(sequelize: Sequelize, client: PatientClient, command: Command) {
    this.handle = Object.assign(new Transaction(sequelize, {}), { connection: client });
    this.#client = client;
    this.#command = command;
    this.#begun = command('BEGIN');
    // What follows it would stand without it.
    this.#begun.catch(() => client.drop());
  }

  /** For its statements. @throws after its end, when the connection may serve others. */
  get client(): PatientClient {
    if (this.#ended) throw new Error('statement after the end of its transaction');
    return this.#client;
  }

  /** Why a statement failed. Those sent behind one that failed are told only that it did. */
  causeOf(error: unknown): unknown {
    if (codeOf(error) === IN_FAILED_TRANSACTION && this.#failure !== undefined)
      return this.#failure;
    this.#failure ??= error;
    return error;
  }

  /** The same end if it was called before. @throws when what was done is not there. */
  async commit(): Promise<void> {
    const command = await this.#end('COMMIT');
    // What Postgres answers when a statement before it failed.
    if (command === 'ROLLBACK') throw new Error('a statement of this transaction had failed');
  }

  /** Unless its end has been sent. Resolves to whether the connection can go on being used. */
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
