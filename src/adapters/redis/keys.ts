import type { LogKey } from '../../ports/live-log.js';

/** All on one shard. */
export interface LineKeys {
  pace: string;
  /** One model's pauses. */
  modelPace(model: string): string;
  /** Paused models, scored by the end of the pause. */
  pauses: string;
}

export interface Keys {
  log(key: LogKey): string;
  /** The tag of a conversation's newest event. */
  newest(conversationId: number): string;
  channel(conversationId: number): string;
  presence(conversationId: number): string;
  notices: string;
  /** A channel on the shard that holds `tag`. Every node hears only its own. */
  beat(tag: string): string;
  probe(tag: string): string;
  limit(rule: string): string;
  delay(rule: string, key: string): string;
  /** The line to a model server, by its name; '' for that of the variables. */
  line(provider: string): LineKeys;
  sockets: string;
  /** The location of the deployment's data, and the name of this store. */
  meeting: string;
  /** Every node hears only its own. */
  socketBeat: string;
}

/**
 * Every key and channel of the engine. Those of one conversation share a hash tag, so they are on one Cluster shard.
 */
export function createKeys(prefix: string, nodeId: string): Keys {
  if (/[{}]/.test(prefix)) throw new Error('The Redis key prefix must not contain braces');
  return {
    log: ({ conversationId, messageId }) => `${prefix}log:{${conversationId}}:${messageId}`,
    newest: (conversationId) => `${prefix}newest:{${conversationId}}`,
    channel: (conversationId) => `${prefix}ch:{${conversationId}}`,
    presence: (conversationId) => `${prefix}presence:{${conversationId}}`,
    notices: `${prefix}notices`,
    beat: (tag) => `${prefix}beat:{${tag}}:${nodeId}`,
    probe: (tag) => `${prefix}probe:{${tag}}:${nodeId}`,
    limit: (rule) => `${prefix}limit:${rule}`,
    delay: (rule, key) => `${prefix}delay:${rule}:{${key}}`,
    line: (provider) => {
      const pace = `${prefix}pace:{model}${provider && `:line:${provider}`}`;
      return { pace, modelPace: (model) => `${pace}:of:${model}`, pauses: `${pace}:pauses` };
    },
    sockets: `${prefix}sockets`,
    meeting: `${prefix}meeting`,
    socketBeat: `${prefix}socket-beat:${nodeId}`,
  };
}
