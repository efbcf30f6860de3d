import type { CompletionFailure } from '../entities/completion-failure.js';
import type { CommonPasswords } from '../ports/common-passwords.js';
import type { Engine } from '../ports/engine.js';
import type { ImportFiles } from '../ports/import-files.js';
import type { ModelServer } from '../ports/model-server.js';
import type { PasswordHasher } from '../ports/password-hasher.js';
import type { Database } from '../ports/repositories/repositories.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { Tokenizer } from '../ports/tokenizer.js';
import type { Tracing } from '../ports/tracing.js';
import type { WebhookSender } from '../ports/webhook-sender.js';
import type { RegistrationMode } from './accounts/registration.js';
import type { ModelDefaults } from './answers/model/model-request.js';
import type { FlushClock } from './answers/running/flush-clock.js';
import type { SchedulerOptions } from './answers/running/generation-scheduler.js';
import type { TitleSettings } from './conversations/title-service.js';
import type { HeavyWorkLimits } from './limits/heavy-work.js';
import type { Logger } from './logger.js';
import type { SessionPolicy } from './sessions/session-rotation.js';
import type { TokenSettings } from './sessions/token-service.js';
import type { InstallationHook } from './webhooks/deliverer.js';

export interface ServiceDeps {
  db: Database;
  engine: Engine;
  /** The model servers, that of the variables first; not empty. */
  servers: readonly ModelServer[];
  tokenizer: Tokenizer;
  hasher: PasswordHasher;
  commonPasswords: CommonPasswords;
  clock: FlushClock;
  importFiles: ImportFiles;
  webhookSender: WebhookSender;
  /** The common clock of all nodes, in ms since the epoch. */
  now: () => number;
  logger: Logger;
  telemetry: Telemetry;
  tracing: Tracing;
  /** The error that callers of a completion get. */
  failureOf(error: unknown): CompletionFailure;
}

export interface ServiceSettings {
  auth: TokenSettings & SessionPolicy & { registration: RegistrationMode };
  model: ModelDefaults;
  /** The tokens that an answer without a longest length reserves of its user's quota. */
  reserveTokens: number;
  titles: TitleSettings;
  scheduler: SchedulerOptions;
  /** Claims after which an unfinished answer is given up. */
  tries: number;
  /** Most unfinished answers of one user. */
  pendingPerUser: number;
  heavyWork: HeavyWorkLimits;
  imports: HeavyWorkLimits;
  /** Told of all answers; null: the installation has no webhook. */
  installation: InstallationHook | null;
}
