import { connectionsOf, type Size, USE } from './sizing-model.js';

/** Postgres' own default, without the connections reserved for the superuser. */
const DEFAULT_CONNECTIONS = 97;
/** A larger number costs Postgres more for its processes than they gain. */
const MOST_CONNECTIONS = 500;
const CORES_OF_ONE_SERVER = 64;
const MANY_MESSAGES_A_DAY = 10e6;

/** The settings for a system of this size. The first bottleneck comes first. */
export const nextSteps = (size: Size): string[] => [
  ...ofLists(size),
  ...ofPostgres(size),
  ...ofRedis(size),
  ...ofConnections(size),
  ...ofMessages(size),
];

function ofLists({ listRedisCores, listShare }: Size): string[] {
  if (listRedisCores <= USE.load && listShare <= USE.load / 2) return [];
  return ['several systems side by side, for lists of users go to every node'];
}

function ofRedis({ redisCores, listRedisCores }: Size): string[] {
  const masters = Math.ceil((redisCores + listRedisCores) / USE.load);
  return masters > 1 ? [`a Redis Cluster of ${masters} masters`] : [];
}

function ofPostgres({ postgresCores }: Size): string[] {
  const cores = Math.ceil(postgresCores / USE.load);
  if (cores > CORES_OF_ONE_SERVER) return [`more Postgres than one server: ${cores} cores`];
  return cores > 4 ? [`Postgres with ${cores} cores`] : [];
}

function ofConnections({ nodes, connections }: Size): string[] {
  if (connections <= DEFAULT_CONNECTIONS) return [];
  const fewer = connectionsOf(nodes, USE.smallPool);
  if (fewer > MOST_CONNECTIONS) return [`a pooler for ${fewer} connections to Postgres`];
  return [`\`DB_POOL_MAX=${USE.smallPool}\` and \`max_connections\` over ${fewer}`];
}

/** A question and its answer are two messages. */
function ofMessages({ answersPerSecond }: Size): string[] {
  return answersPerSecond * 2 * 86_400 > MANY_MESSAGES_A_DAY
    ? ['vacuum settings for `messages`']
    : [];
}
