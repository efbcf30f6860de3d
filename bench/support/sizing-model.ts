/** What was measured; CPU in µs, one core each for a node and for a Redis master. */
export interface Costs {
  /** Of a token, where it is written and where it is read. */
  originToken: number;
  edgeToken: number;
  /** Streams that one process carries before readers notice. */
  streamsHeld: number;
  socketBytes: number;
  handshakesPerSecond: number;
  deltas: number;
  redisCommands: number;
  redisBytes: number;
  redisCpu: number;
  redisMemory: number;
  transactions: number;
  postgresCpu: number;
  /** Of an answer, to every node: what concerns lists of users; and what one of them takes of a node. */
  listMessages: number;
  listCpu: number;
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
  poolPerNode: 10,
};

export interface Size {
  sockets: number;
  nodes: number;
  streams: number;
  answersPerSecond: number;
  redisCommands: number;
  redisBytes: number;
  redisCores: number;
  redisMemory: number;
  transactions: number;
  postgresCores: number;
  connections: number;
  /** To all nodes together, a second. */
  listMessages: number;
}

export interface NodeLimits {
  streams: number;
  sockets: number;
  answersPerSecond: number;
}

const CORE = 1e6;
/** What one Redis sends to subscribers of one channel. */
const LISTS_PER_SECOND = 300_000;

/** Readers are spread over the nodes, so nearly every answer is written on one node and read on another. */
export function limitsOfNode(costs: Costs): NodeLimits {
  const perStream = USE.tokensPerSecond * (costs.originToken + costs.edgeToken);
  const streams = Math.floor(Math.min((CORE * USE.load) / perStream, costs.streamsHeld * USE.load));
  const bySockets = Math.floor(USE.memoryBytes / costs.socketBytes);
  const byStreams = Math.floor((streams * USE.everySeconds) / USE.answerSeconds);
  return {
    streams,
    sockets: Math.min(bySockets, byStreams),
    answersPerSecond: streams / USE.answerSeconds,
  };
}

/** Lists of users go to every node, so all of them together leave less of each for answers. */
function nodesFor(sockets: number, answersPerSecond: number, costs: Costs): number {
  const lists = (answersPerSecond * costs.listMessages * costs.listCpu) / CORE;
  const left = Math.max(0, 1 - lists / USE.load);
  // A deploy and a crash each take one away.
  return Math.ceil(sockets / (limitsOfNode(costs).sockets * left)) + 1;
}

export function sizeFor(sockets: number, costs: Costs): Size {
  const streams = (sockets * USE.answerSeconds) / USE.everySeconds;
  const answersPerSecond = sockets / USE.everySeconds;
  const deltas = answersPerSecond * costs.deltas;
  const nodes = nodesFor(sockets, answersPerSecond, costs);
  return {
    sockets,
    nodes,
    streams,
    answersPerSecond,
    redisCommands: deltas * costs.redisCommands,
    redisBytes: deltas * costs.redisBytes,
    redisCores: (deltas * costs.redisCpu) / CORE,
    redisMemory: streams * costs.redisMemory,
    transactions: answersPerSecond * costs.transactions,
    postgresCores: (answersPerSecond * costs.postgresCpu) / CORE,
    connections: nodes * (USE.poolPerNode + 1),
    listMessages: answersPerSecond * costs.listMessages * nodes,
  };
}

/** What is the first to be too small, and what to do then. */
export function nextStep(size: Size): string[] {
  const { redisCores, postgresCores, connections, answersPerSecond, listMessages } = size;
  const steps: string[] = [];
  if (listMessages > LISTS_PER_SECOND)
    steps.push('several systems side by side, for lists of users go to every node');
  const masters = Math.ceil(redisCores / USE.load);
  if (masters > 1) steps.push(`a Redis Cluster of ${masters} masters`);
  if (connections > 300) steps.push(`a pooler for ${connections} connections to Postgres`);
  const cores = Math.ceil(postgresCores / USE.load);
  if (cores > 4) steps.push(`Postgres with ${cores} cores`);
  if (answersPerSecond * 86_400 > 10e6) steps.push('room and vacuum for `messages`');
  return steps;
}
