#!/usr/bin/env node
/**
 * Firefox for Playwright, which takes this for the browser itself. Playwright asks each new page for the user's wishes
 * (`emulation.setMediaFeaturesOverride`), and fails where Firefox does not know the command: the releases with long
 * support do not yet. Everything else passes unchanged. Wishes for such pages are set by preferences.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket, WebSocketServer } from 'ws';

const MAY_BE_UNKNOWN = 'emulation.setMediaFeaturesOverride';
const LISTENING = /WebDriver BiDi listening on (ws:\/\/\S+)/;

/** Answers the commands that Firefox does not know. */
function relay(client, firefoxUrl) {
  const wishes = new Set();
  const firefox = new WebSocket(firefoxUrl, { perMessageDeflate: false });
  const isOpen = once(firefox, 'open');
  client.on('message', async (data) => {
    const message = JSON.parse(String(data));
    if (message.method === MAY_BE_UNKNOWN) wishes.add(message.id);
    await isOpen;
    firefox.send(String(data));
  });
  firefox.on('message', (data) => {
    const message = JSON.parse(String(data));
    const isRefused = wishes.delete(message.id) && message.error === 'unknown command';
    const done = { type: 'success', id: message.id, result: {} };
    client.send(isRefused ? JSON.stringify(done) : String(data));
  });
  client.on('close', () => firefox.close());
  firefox.on('close', () => client.close());
}

const firefox = spawn(process.env.FIREFOX_PROGRAM, process.argv.slice(2), {
  stdio: ['ignore', 'inherit', 'pipe'],
});
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
await once(server, 'listening');

createInterface({ input: firefox.stderr }).on('line', (line) => {
  const [, url] = LISTENING.exec(line) ?? [];
  if (url) server.on('connection', (client) => relay(client, `${url}/session`));
  const own = `ws://127.0.0.1:${server.address().port}`;
  process.stderr.write(`${url ? line.replace(url, own) : line}\n`);
});
firefox.on('exit', (code) => process.exit(code ?? 1));
