import fc, { type Arbitrary } from 'fast-check';

/** Engine.IO and Socket.IO packets, valid and invalid. */
const PACKETS = [
  ...[
    '',
    '0',
    '1',
    '2',
    '2probe',
    '3',
    '3probe',
    '4',
    '5',
    '6',
    '7',
    '9',
    'b',
    'bAAAA',
    '\u0000',
    '\u001e',
  ],
  ...[
    '40',
    '40{',
    '40{}',
    '40[]',
    '40null',
    '40{"token":1}',
    '40{"token":{}}',
    '40{"protocol":2}',
    '40/admin,',
  ],
  ...[
    '41',
    '41{}',
    '42',
    '42{}',
    '42[',
    '42[]',
    '42[1]',
    '42[null]',
    '42[[]]',
    '42[{}]',
    '42["x"]',
    '42""',
  ],
  ...['42["conversation:list",{}]', '421["conversation:list",{}]', '42-1["a"]', '421e9["a"]'],
  ...[
    '42999999999999999999["conversation:list",{}]',
    '42["conversation:list"]',
    '420["conversation:list"]',
  ],
  ...[
    '42["error",{}]',
    '42["connect"]',
    '42["disconnect"]',
    '42["disconnecting"]',
    '42["newListener",1]',
  ],
  ...['42["__proto__",{}]', '42["constructor",{}]', '42["toString",{}]', '42["hasOwnProperty",{}]'],
  ...[
    '43',
    '430[]',
    '43["x"]',
    '4399999[]',
    '44',
    '44{}',
    '45',
    '451-',
    '451-[]',
    '4599999999-["x"]',
  ],
  ...[
    '451-["x",{"_placeholder":true,"num":0}]',
    '450-["x"]',
    '451-["x",{"_placeholder":true,"num":-1}]',
  ],
  ...[
    '452-["x",{"_placeholder":true,"num":9}]',
    '461-0[{"_placeholder":true,"num":0}]',
    '46',
    '47',
    '49',
  ],
  ...[
    '4"',
    '4x',
    '4/',
    '42/,["a"]',
    '42/x',
    '42/__proto__,["a"]',
    '40/__proto__,',
    '2'.repeat(2_000),
  ],
  `42${'['.repeat(5_000)}`,
  `42["x",${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
  `42["${'x'.repeat(10_000)}",{}]`,
];

const packet = fc.constantFrom(...PACKETS);
const noise = fc.string({ unit: 'binary', maxLength: 40 });
const cut = fc.tuple(packet, fc.nat({ max: 30 })).map(([text, end]) => text.slice(0, end));
const spliced = fc
  .tuple(packet, fc.nat({ max: 20 }), noise)
  .map(([text, at, part]) => text.slice(0, at) + part + text.slice(at));

export type Frame = string | Uint8Array;

export const frames: Arbitrary<Frame[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: packet },
    { weight: 2, arbitrary: spliced },
    { weight: 1, arbitrary: cut },
    { weight: 1, arbitrary: noise },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
  ),
  { minLength: 1, maxLength: 6 },
);

const REQUESTS = [
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'GET  HTTP/1.1\r\n\r\n',
  'BREW / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET //evil.example/%2e%2e/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n',
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'POST /auth/login HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n',
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n',
  'GET /socket.io/?EIO=9&transport=x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nCookie: %; =; a=%zz; access_token=\r\nConnection: close\r\n\r\n',
  'GET /users/me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \u0001\r\nConnection: close\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nAccept-Language: ;;q=,,*;q=9\r\nRange: bytes=-1\r\nConnection: close\r\n\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
];

/** Bytes on a bare connection, more or less HTTP. */
export const requests: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...REQUESTS),
  fc
    .tuple(fc.constantFrom(...REQUESTS), fc.nat({ max: 80 }), noise)
    .map(([text, at, part]) => text.slice(0, at) + part + text.slice(at + part.length)),
);
