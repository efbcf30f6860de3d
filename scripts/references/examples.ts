import { exampleOf } from './input-schemas.js';
import type { Schema } from './json-schema.js';
import { javascript, python } from './literals.js';
import type { RestCall } from './rest-calls.js';
import type { ClientEvent, ServerEvent } from './socket-events.js';

export type ExampleLanguage = 'curl' | 'JavaScript' | 'Python';
export type Examples = Partial<Record<ExampleLanguage, string>>;

/** The variables that each example takes from the environment. */
export const VARIABLES = { url: 'PARLEY_URL', token: 'PARLEY_TOKEN' } as const;

/** Texts that a call keeps apart by `client_id` have one of their own in each example. */
function inputOf(schema: Schema, what: string): Record<string, unknown> {
  const value = Object(exampleOf(schema));
  const verb = what.split(/[:/]/).at(-1) ?? what;
  return 'client_id' in value ? { ...value, client_id: `${verb}-1` } : value;
}

/** The path with ids of examples, and the query that a call needs. */
function addressOf({ path, query }: RestCall): string {
  const filled = path.replace(':name', 'accountant').replace(/:\w+/g, '1');
  const needed = Object.entries(Object(exampleOf(query))).map(([key, value]) => [
    key,
    String(value),
  ]);
  const search = new URLSearchParams(Object.fromEntries(needed));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

const bodyOf = (call: RestCall): Record<string, unknown> | null =>
  call.body && inputOf(call.body, call.event ?? call.path);

/** Prints short objects on one line. */
function json(body: object): string {
  const line = JSON.stringify(body);
  if (line.length <= 48) return line;
  return JSON.stringify(body, null, 2).replaceAll('\n', '\n  ');
}

/** Characters at which the shell would end a quoted text. */
const shellText = (json: string): string => `'${json.replaceAll("'", `'\\''`)}'`;

function curl(call: RestCall): string {
  const { method, isOpen, security, takesFile, streams } = call;
  const body = bodyOf(call);
  const isPost = method === 'POST' && (body !== null || takesFile);
  const lines = [
    `curl -sS${streams ? 'N' : ''} ${method === 'GET' || isPost ? '' : `-X ${method} `}"$${VARIABLES.url}${addressOf(call)}"`,
    ...(isOpen && security !== 'metrics' ? [] : [`-H "Authorization: Bearer $${VARIABLES.token}"`]),
    ...(takesFile ? ['-F file=@conversations.json'] : []),
    ...(body ? [`-H 'Content-Type: application/json'`, `-d ${shellText(json(body))}`] : []),
  ];
  return lines.join(' \\\n  ');
}

function headersOf(headers: string[]): string[] {
  if (headers.length === 0) return [];
  if (headers.length === 1) return [`  headers: { ${headers[0]} },`];
  return ['  headers: {', ...headers.map((one) => `    ${one},`), '  },'];
}

function restJavaScript(call: RestCall): string {
  const { method, isOpen, security, takesFile, response, streams } = call;
  const body = bodyOf(call);
  const needsToken = !isOpen || security === 'metrics';
  const headers = [
    ...(needsToken ? [`authorization: \`Bearer \${${VARIABLES.token}}\``] : []),
    ...(body ? [`'content-type': 'application/json'`] : []),
  ];
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',`]),
    ...headersOf(headers),
    ...(body ? [`  body: JSON.stringify(${javascript(body, '  ', 25)}),`] : []),
    ...(takesFile ? ['  body: form,'] : []),
  ];
  const given = options.length > 0 ? `, {\n${options.join('\n')}\n}` : '';
  const isText = streams || response.type === 'string' || call.produces.includes('text/markdown');
  return [
    ...(takesFile ? [`import { openAsBlob } from 'node:fs';`, ''] : []),
    `const { ${VARIABLES.url}${needsToken ? `, ${VARIABLES.token}` : ''} } = process.env;`,
    ...(takesFile
      ? [
          'const form = new FormData();',
          `form.append('file', await openAsBlob('conversations.json'));`,
        ]
      : []),
    `const url = \`\${${VARIABLES.url}}${addressOf(call)}\`;`,
    `const response = await fetch(url${given});`,
    ...(streams
      ? [
          'const decoder = new TextDecoder();',
          'for await (const bytes of response.body) {',
          '  process.stdout.write(decoder.decode(bytes, { stream: true }));',
          '}',
        ]
      : [`console.log(response.status, await response.${isText ? 'text' : 'json'}());`]),
  ].join('\n');
}

function restPython(call: RestCall): string {
  const { method, isOpen, security, takesFile, streams, response } = call;
  const body = bodyOf(call);
  const needsToken = !isOpen || security === 'metrics';
  const args = [
    `    os.environ["${VARIABLES.url}"] + "${addressOf(call)}",`,
    ...(needsToken
      ? [`    headers={"Authorization": "Bearer " + os.environ["${VARIABLES.token}"]},`]
      : []),
    ...(body ? [`    json=${python(body, '    ')},`] : []),
    ...(takesFile ? ['    files={"file": open("conversations.json", "rb")},'] : []),
    ...(streams ? ['    stream=True,'] : []),
  ];
  const isText = response.type === 'string' || call.produces.includes('text/markdown');
  return [
    'import os, requests',
    '',
    `response = requests.${method.toLowerCase()}(`,
    ...args,
    ')',
    ...(streams
      ? ['for line in response.iter_lines(decode_unicode=True):', '    print(line)']
      : [`print(response.status_code, response.${isText ? 'text' : 'json()'})`]),
  ].join('\n');
}

export const restExamples = (call: RestCall): Examples => ({
  curl: curl(call),
  JavaScript: restJavaScript(call),
  Python: restPython(call),
});

const connectJavaScript = [
  `import { io } from 'socket.io-client';`,
  '',
  `const { ${VARIABLES.url}, ${VARIABLES.token} } = process.env;`,
  `const socket = io(${VARIABLES.url}, {`,
  `  auth: { token: ${VARIABLES.token} },`,
  '});',
];

/** Distributions have versions of `socketio` without its `SimpleClient`. */
const createPython = ['import os, socketio', '', 'client = socketio.Client()'];

const connectPython = [
  'client.connect(',
  `    os.environ["${VARIABLES.url}"],`,
  `    auth={"token": os.environ["${VARIABLES.token}"]},`,
  ')',
];

function emitted(name: string, value: object): string[] {
  const start = `const ack = await socket.emitWithAck('${name}', `;
  return [`${start}${javascript(value, '', start.length + 2)});`];
}

export function clientEventExamples({ name, payload }: ClientEvent): Examples {
  const value = inputOf(payload, name);
  return {
    JavaScript: [
      ...connectJavaScript,
      ...emitted(name, value),
      'console.log(ack);',
      'socket.close();',
    ].join('\n'),
    Python: [
      ...createPython,
      ...connectPython,
      `ack = client.call("${name}", ${python(value, '', 21 + name.length)})`,
      'print(ack)',
      'client.disconnect()',
    ].join('\n'),
  };
}

export function serverEventExamples({ name, readers }: ServerEvent): Examples {
  const isOpened = readers.includes('open');
  return {
    JavaScript: [
      ...connectJavaScript,
      `socket.on('${name}', (payload) => {`,
      '  console.log(payload);',
      '});',
      ...(isOpened
        ? [`await socket.emitWithAck('conversation:open', {`, '  conversation_id: 1,', '});']
        : []),
    ].join('\n'),
    Python: [
      ...createPython,
      '',
      `@client.on("${name}")`,
      'def on_event(payload):',
      '    print(payload)',
      '',
      ...connectPython,
      ...(isOpened ? ['client.call("conversation:open", {"conversation_id": 1})'] : []),
      'client.wait()',
    ].join('\n'),
  };
}
