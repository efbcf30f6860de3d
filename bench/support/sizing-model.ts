/** What was measured; CPU in µs, one core each for a node and for a Redis master. */
export interface Costs {
  /** Of a token, where it is written and where it is read. */
  originToken: number;
  edgeToken: number;
  /** Streams that one process carries before readers notice. */
  streamsHeld: number;
  socketBytes: number;
  /** Of a socket with a conversation open, a second, while nobody asks anything. */
  idleCpu: number;
  idleRedisCommands: number;
  idleRedisCpu: number;
  idlePostgresCpu: number;
  /** Of a node without sockets, a second. */
  nodeTransactions: number;
  nodePostgresCpu: number;
  handshakesPerSecond: number;
  /** Sockets that are back and have what they lack, when all come at once to one node. */
  reconnectsPerSecond: number;
  deltas: number;
  redisCommands: number;
  redisBytes: number;
  redisCpu: number;
  redisMemory: number;
  transactions: number;
  postgresCpu: number;
  /** Of an answer, to every node: what concerns lists of users; what one of them takes of a node, and of Redis. */
  listMessages: number;
  listCpu: number;
  listRedisCpu: number;
}

/** How people use it; what the table assumes is printed with it. */
export const USE = {
  tokensPerSecond: 50,
  answerSeconds: 10,
  /** From one answer of a person to the next. */
  everySeconds: 120,
  /** A node, a Redis master and Postgres are not to be busier than this share of the time. */
  load: 0.6,
  /** For sockets, beside what the process needs itself. */
  memoryBytes: 2 * 1024 ** 3,
  /** The default of `DB_POOL_MAX`, and one that is enough for one node of many. */
  poolPerNode: 20,
  smallPool: 4,
};

export interface NodeLimits {
  streams: number;
  sockets: number;
  /** When nobody asks anything. */
  idleSockets: number;
  answersPerSecond: number;
}

const CORE = 1e6;
/** Of a core of a node. */
const KEPT_BUSY = CORE * USE.load;
const STREAMS_PER_SOCKET = USE.answerSeconds / USE.everySeconds;

/** Readers are spread over the nodes, so nearly every answer is written on one node and read on another. */
const perStream = ({ originToken, edgeToken }: Costs) =>
  USE.tokensPerSecond * (originToken + edgeToken);

const listCpuOfNode = (answersPerSecond: number, costs: Costs) =>
  answersPerSecond * costs.listMessages * costs.listCpu;

/** `cpu`: what is left of a core for sockets and their answers. */
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

/** Lists of users go to every node, so all of them together leave less of each for answers. */
function nodesFor(sockets: number, answersPerSecond: number, costs: Costs): number {
  const left = KEPT_BUSY - listCpuOfNode(answersPerSecond, costs);
  // A deploy and a crash each take one away.
  return Math.ceil(sockets / socketsOfNode(left, costs)) + 1;
}

export interface Size {
  sockets: number;
  nodes: number;
  streams: number;
  answersPerSecond: number;
  redisCommands: number;
  redisBytes: number;
  /** Of logs and presence, which a Cluster spreads over its masters. */
  redisCores: number;
  redisMemory: number;
  transactions: number;
  postgresCores: number;
  /** With the default of `DB_POOL_MAX`. */
  connections: number;
  /** What concerns lists: its share of each node, and the cores of Redis. */
  listShare: number;
  listRedisCores: number;
  /** Seconds until all are back that were on a node which dies, and when all are cut off at once. */
  backAfterNode: number;
  backAfterAll: number;
}

export const connectionsOf = (nodes: number, pool: number): number => nodes * (pool + 1) + 2;

/** The nodes that are left have this share of a core for those who come back. */
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
