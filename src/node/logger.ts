import { createRequire } from 'node:module';
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/config.js';

interface LoggedError {
  type: string;
  message: string;
  code?: unknown;
  stack?: string;
  cause?: LoggedError;
}

/** Logs these fields only: drivers' errors also carry SQL, bound values and request headers. */
function describeError(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  return {
    type: error.name,
    message: error.message,
    ...('code' in error && { code: error.code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < 4 && { cause: describeError(error.cause, depth + 1) }),
  };
}

const SECRETS = [
  'authorization',
  'cookie',
  '["set-cookie"]',
  'password',
  'token',
  'access_token',
  'refresh_token',
];

const paths = SECRETS.flatMap((name) =>
  name.startsWith('[')
    ? [`req.headers${name}`, `res.headers${name}`]
    : [name, `*.${name}`, `req.headers.${name}`],
);

function prettyStream(): DestinationStream | null {
  try {
    const { default: pretty } = createRequire(import.meta.url)('pino-pretty');
    return pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss.l', singleLine: true });
  } catch {
    return null;
  }
}

/** JSON lines on stdout; readable lines on a terminal in development, if pino-pretty is installed. */
export function createLogger(config: Config['log'], destination?: DestinationStream): Logger {
  const options: LoggerOptions = {
    level: config.level,
    redact: { paths, censor: '[hidden]' },
    serializers: { err: describeError },
  };
  const pretty = config.pretty && process.stdout.isTTY && !destination ? prettyStream() : null;
  return pino(options, destination ?? pretty ?? pino.destination({ fd: 1, sync: false }));
}
