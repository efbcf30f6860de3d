import { ERRORS } from '../../../src/contract/errors.js';
import type { Language } from '../../../src/contract/language.js';
import { whenOf } from '../error-codes.js';
import { VARIABLES } from '../examples.js';
import type { Schema } from '../json-schema.js';
import type { RestCall } from '../rest-calls.js';
import type { ClientEvent, ServerEvent } from '../socket-events.js';
import { topics } from '../topics.js';
import { snippet } from './code.js';
import { fields, typeOf } from './fields.js';
import { Html, html, words } from './html.js';
import { callSide, clientEventSide, type Side, serverEventSide, streamEventSide } from './sides.js';
import { type PageTexts, TEXTS } from './texts.js';

export interface Contract {
  calls: readonly RestCall[];
  client: readonly ClientEvent[];
  server: readonly ServerEvent[];
  stream: readonly ServerEvent[];
  shapes: Readonly<Record<string, Schema>>;
  version: string;
}

/** An action, with the call and the event that do it. */
interface Entry {
  title: string;
  text: string;
  sides: Side[];
}

interface Topic {
  id: string;
  name: string;
  entries: Entry[];
}

const slug = (name: string): string => name.toLowerCase().replace(/[^a-z]+/g, '-');

/** A call and its event make one entry. An event that several calls name stands with the last of them. */
function entriesOf(topic: string, contract: Contract, texts: PageTexts): Entry[] {
  const { calls, client, server, stream } = contract;
  const withEvent = new Map(calls.flatMap((call) => (call.event ? [[call.event, call.name]] : [])));
  const isIn = (one: { topic: string }) => one.topic === topic;
  const ofCalls = calls.filter(isIn).map((call) => {
    const event = client.find(
      ({ name }) => name === call.event && withEvent.get(name) === call.name,
    );
    const sides = [callSide(call, texts), ...(event ? [clientEventSide(event, texts)] : [])];
    return { title: call.summary, text: call.text, sides };
  });
  const alone = client.filter((event) => isIn(event) && !withEvent.has(event.name));
  return [
    ...ofCalls,
    ...alone.map((event) => {
      return { title: event.summary, text: event.text, sides: [clientEventSide(event, texts)] };
    }),
    ...server.filter(isIn).map((event) => {
      return {
        title: `\`${event.name}\``,
        text: event.text,
        sides: [serverEventSide(event, texts)],
      };
    }),
    ...stream.filter(isIn).map((event) => {
      return {
        title: `\`event: ${event.name}\``,
        text: event.text,
        sides: [streamEventSide(event, texts)],
      };
    }),
  ];
}

const topicsOf = (contract: Contract, texts: PageTexts): Topic[] =>
  topics().flatMap(({ name }) => {
    const entries = entriesOf(name, contract, texts);
    return entries.length > 0 ? { id: slug(name), name: texts.topics[name] ?? name, entries } : [];
  });

/** Two sides, or the only one with its examples beside it. */
function entryOf({ title, text, sides }: Entry, texts: PageTexts): Html {
  const [first, second] = sides;
  if (!first) return html``;
  const more = text.startsWith(title) ? text.slice(title.length).replace(/^[.:]\s*/, '') : text;
  const rest = more.charAt(0).toUpperCase() + more.slice(1);
  const columns = second
    ? sides.map(
        ({ id, head, details, examples }) =>
          html`<section class="side" id="${id}">${head}${details}${examples}</section>`,
      )
    : [
        html`<section class="side" id="${first.id}">${first.head}${first.details}</section>`,
        html`<div class="side side-examples">${first.examples}</div>`,
      ];
  return html`<article class="entry"><h3>${words(texts.said(title))}</h3>${rest && html`<p class="said">${words(texts.said(rest))}</p>`}<div class="sides">${columns}</div></article>`;
}

const linkOf = ({ id, name, kind }: Side): Html =>
  html`<li><a href="#${id}"><span class="badge badge-${kind.toLowerCase()}">${kind}</span><span class="name">${name}</span></a></li>`;

const contentsOf = ({ id, name, entries }: Topic): Html =>
  html`<section class="contents-topic"><h2><a href="#${id}">${name}</a></h2><ul>${entries.flatMap(({ sides }) => sides.map(linkOf))}</ul></section>`;

const topicOf = ({ id, name, entries }: Topic, texts: PageTexts): Html =>
  html`<section class="topic" id="${id}"><h2>${name}</h2>${entries.map((entry) => entryOf(entry, texts))}</section>`;

const shapeOf = (name: string, schema: Schema, texts: PageTexts): Html =>
  html`<article class="entry shape" id="${name}"><h3><code>${name}</code><a class="anchor" href="#${name}" aria-label="${texts.link}">#</a></h3>${
    schema.description && html`<p class="said">${words(texts.said(schema.description))}</p>`
  }${schema.properties ? fields(schema, texts, 'optional') : html`<p class="result">${typeOf(schema, texts)}</p>`}</article>`;

const errorOf = (
  [code, { status, retryable }]: [string, { status: number; retryable: boolean }],
  texts: PageTexts,
): Html =>
  html`<div class="field" id="error-${code}"><dt><code>${code}</code><span class="limits">${status}</span>${
    retryable && html`<span class="required">${texts.retry}</span>`
  }</dt><dd>${words(texts.said(whenOf(code)))}</dd></div>`;

const begin = (texts: PageTexts): Html =>
  html`<section class="topic begin" id="begin"><h1>${texts.title}</h1><p>${texts.beginText}</p>${snippet(
    'curl',
    `export ${VARIABLES.url}=http://localhost:8000\nexport ${VARIABLES.token}=pk_...`,
  )}<p>${texts.beginRest} ${texts.beginContract}</p><p>${texts.beginDocuments} <a href="/openapi.json">OpenAPI 3.1</a>, <a href="/asyncapi.json">AsyncAPI 3.0</a>.</p></section>`;

const ICONS = {
  search: '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
  theme: '<path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.700 9.700z"/>',
  menu: '<path d="M4 7h16M4 12h16M4 17h10"/>',
};
const icon = (name: keyof typeof ICONS): Html =>
  new Html(`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`);

const LOGO = new Html(
  '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true"><path class="logo-back" d="M13 9h12a4 4 0 0 1 4 4v7a4 4 0 0 1-4 4h-.5v4l-5-4H13a4 4 0 0 1-4-4v-7a4 4 0 0 1 4-4z"/><path class="logo-front" d="M7 3h11a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4h-5.5l-5 4v-4H7a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4z"/></svg>',
);

const bar = (texts: PageTexts, language: Language): Html =>
  html`<header class="bar"><a class="skip-link" href="#begin">${texts.toText}</a><button type="button" class="icon-button scripted menu" aria-controls="contents" aria-expanded="false" aria-label="${texts.contents}">${icon('menu')}</button><a class="brand" href="#begin">${LOGO}<span>Parley</span></a><span class="bar-title">${texts.title}</span><label class="search scripted">${icon('search')}<span class="visually-hidden">${texts.search}</span><input type="search" placeholder="${texts.search}" autocomplete="off" spellcheck="false" aria-keyshortcuts="/" /><kbd aria-hidden="true">/</kbd></label><nav class="bar-tools"><a class="quiet-button" href="/">${texts.chat}</a><a class="quiet-button" href="/docs?language=${language === 'en' ? 'zh' : 'en'}" lang="${language === 'en' ? 'zh-CN' : 'en'}">${texts.other}</a><button type="button" class="icon-button scripted theme" aria-label="${texts.theme}" title="${texts.theme}">${icon('theme')}</button></nav></header>`;

/** The reference as a document. The build puts the addresses of style and script into it. */
export function page(contract: Contract, language: Language): string {
  const texts = TEXTS[language];
  const all = topicsOf(contract, texts);
  const shapes = Object.entries(contract.shapes).sort(([a], [b]) => a.localeCompare(b));
  const shapeLinks = shapes.map(
    ([name]) => html`<li><a href="#${name}"><span class="name">${name}</span></a></li>`,
  );
  const errors = Object.entries(ERRORS);
  return `<!doctype html>\n${html`<html lang="${language === 'en' ? 'en' : 'zh-CN'}"><head><meta charset="utf-8" /><meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" /><title>${texts.title} · Parley ${contract.version}</title><meta name="theme-color" content="#fcfbf9" media="(prefers-color-scheme: light)" /><meta name="theme-color" content="#181715" media="(prefers-color-scheme: dark)" /><link rel="icon" href="/icons/icon.svg" type="image/svg+xml" /><link rel="stylesheet" href="{{styles}}" /><script type="module" src="{{script}}"></script></head><body>${bar(texts, language)}<div class="layout"><nav class="contents" id="contents" aria-label="${texts.contents}">${all.map(contentsOf)}<section class="contents-topic"><h2><a href="#errors">${texts.errors}</a></h2></section><section class="contents-topic"><h2><a href="#shapes">${texts.shapes}</a></h2><ul>${shapeLinks}</ul></section></nav><main>${begin(texts)}<p class="nothing-found" role="status" hidden>${texts.nothing}</p>${all.map((topic) => topicOf(topic, texts))}<section class="topic" id="errors"><h2>${texts.errors}</h2><p class="said">${words(texts.errorsText)}</p><dl class="fields">${errors.map((one) => errorOf(one, texts))}</dl></section><section class="topic" id="shapes"><h2>${texts.shapes}</h2><p class="said">${texts.shapesText}</p>${shapes.map(([name, schema]) => shapeOf(name, schema, texts))}</section></main></div></body></html>`}\n`;
}
