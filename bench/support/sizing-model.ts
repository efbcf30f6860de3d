/** Measured costs. CPU in µs, with one core for a node and one for a Redis master. */
export interface Costs {
  /** Costs of a token, on the node that writes it and on the one that reads it. */
  originToken: number;
  edgeToken: number;
  /** Streams that one process carries before readers notice. */
  streamsHeld: number;
  socketBytes: number;
  /** Costs per second of a socket with an open conversation while nobody asks anything. */
  idleCpu: number;
  idleRedisCommands: number;
  idleRedisCpu: number;
  idlePostgresCpu: number;
  /** Costs per second of a node without sockets. */
  nodeTransactions: number;
  nodePostgresCpu: number;
  handshakesPerSecond: number;
  /** Sockets per second that reconnect and catch up, if all come at once to one node. */
  reconnectsPerSecond: number;
  deltas: number;
  redisCommands: number;
  redisBytes: number;
  redisCpu: number;
  redisMemory: number;
  transactions: number;
  postgresCpu: number;
  /** Events for lists of users, per answer and to every node; the cost of one for a node, and for Redis. */
  listMessages: number;
  listCpu: number;
  listRedisCpu: number;
}

/** How people use it. The table is printed with these assumptions. */
export const USE = {
  tokensPerSecond: 50,
  answerSeconds: 10,
  /** Time between two answers of a person. */
  everySeconds: 120,
  /** A node, a Redis master and Postgres must not be busy for more than this share of the time. */
  load: 0.6,
  /** Memory of the sockets, beside the process's own. */
  memoryBytes: 2 * 1024 ** 3,
  /** The default of `DB_POOL_MAX`, and a value that suffices for one node of many. */
  poolPerNode: 20,
  smallPool: 4,
};

export interface NodeLimits {
  streams: number;
  sockets: number;
  /** Sockets that fit while nobody asks anything. */
  idleSockets: number;
  answersPerSecond: number;
}

const CORE = 1e6;
/** Share of a node's core. */
const KEPT_BUSY = CORE * USE.load;
const STREAMS_PER_SOCKET = USE.answerSeconds / USE.everySeconds;

/** Readers are spread over the nodes, so nearly every answer is written on one node and read on another. */
const perStream = ({ originToken, edgeToken }: Costs) =>
  USE.tokensPerSecond * (originToken + edgeToken);

const listCpuOfNode = (answersPerSecond: number, costs: Costs) =>
  answersPerSecond * costs.listMessages * costs.listCpu;

/** `cpu`: the part of a core that is left for sockets and their answers. */
function socketsOfNode(cpu: number, costs: Costs): number {
  const perSocket = costs.idleCpu + STREAMS_PER_SOCKET * perStream(costs);
  return Math.floor(
    Math.max(
      0,
      Math.min(
        USE.memoryBytes / costs.socketBytes,
        cpu / perSocket,
        (costs.streamsHeld * USE.load) / STREAMS_PER_SOCKET,
      ),
    ),
  );
}

export function limitsOfNode(costs: Costs): NodeLimits {
  const sockets = socketsOfNode(KEPT_BUSY, costs);
  return {
    streams: Math.floor(Math.min(KEPT_BUSY / perStream(costs), costs.streamsHeld * USE.load)),
    sockets,
    idleSockets: Math.floor(
      Math.min(USE.memoryBytes / costs.socketBytes, KEPT_BUSY / costs.idleCpu),
    ),
    answersPerSecond: sockets / USE.everySeconds,
  };
}

/** Lists of users go to every node, so all nodes together leave less of each for answers. */
function nodesFor(sockets: number, answersPerSecond: number, costs: Costs): number {
  const left = KEPT_BUSY - listCpuOfNode(answersPerSecond, costs);
  // A deploy and a crash each take one node away.
  return Math.ceil(sockets / socketsOfNode(left, costs)) + 1;
}

export interface Size {
  sockets: number;
  nodes: number;
  streams: number;
  answersPerSecond: number;
  redisCommands: number;
  redisBytes: number;
  /** Cores for logs and presence, which a Cluster spreads over its masters. */
  redisCores: number;
  redisMemory: number;
  transactions: number;
  postgresCores: number;
  /** Connections with the default of `DB_POOL_MAX`. */
  connections: number;
  /** Events for lists: their share of each node, and the cores of Redis. */
  listShare: number;
  listRedisCores: number;
  /** Seconds until all users of a dead node are back, and until all are back after everybody was cut off. */
  backAfterNode: number;
  backAfterAll: number;
}

export const connectionsOf = (nodes: number, pool: number): number => nodes * (pool + 1) + 2;

/** The remaining nodes have this share of a core for reconnecting users. */
const SPARE = 1 - USE.load;

export function sizeFor(sockets: number, costs: Costs): Size {
  const streams = sockets * STREAMS_PER_SOCKET;
  const answersPerSecond = sockets / USE.everySeconds;
  const deltas = answersPerSecond * costs.deltas;
  const nodes = nodesFor(sockets, answersPerSecond, costs);
  const listMessages = answersPerSecond * costs.listMessages * nodes;
  return {
    sockets,
    nodes,
    streams,
    answersPerSecond,
    redisCommands: deltas * costs.redisCommands + sockets * costs.idleRedisCommands,
    redisBytes: deltas * costs.redisBytes,
    redisCores: (deltas * costs.redisCpu + sockets * costs.idleRedisCpu) / CORE,
    redisMemory: streams * costs.redisMemory,
    transactions: answersPerSecond * costs.transactions + nodes * costs.nodeTransactions,
    postgresCores:
      (answersPerSecond * costs.postgresCpu +
        sockets * costs.idlePostgresCpu +
        nodes * costs.nodePostgresCpu) /
      CORE,
    connections: connectionsOf(nodes, USE.poolPerNode),
    listShare: listCpuOfNode(answersPerSecond, costs) / CORE,
    listRedisCores: (listMessages * costs.listRedisCpu) / CORE,
    backAfterNode: sockets / nodes / ((nodes - 1) * costs.reconnectsPerSecond * SPARE),
    backAfterAll: sockets / (nodes * costs.reconnectsPerSecond),
  };
}
