import { type Refusal, whenOf } from '../error-codes.js';
import { clientEventExamples, restExamples, serverEventExamples } from '../examples.js';
import type { RestCall } from '../rest-calls.js';
import type { ClientEvent, ServerEvent } from '../socket-events.js';
import { examples } from './code.js';
import { fields, result } from './fields.js';
import { type Html, html, words } from './html.js';
import type { PageTexts } from './texts.js';

/** One call or event: its name, its input and output, and its examples. */
export interface Side {
  id: string;
  /** The name that the contents show. */
  name: string;
  /** `GET`, or `emit` and `on` for events. */
  kind: string;
  head: Html;
  details: Html;
  examples: Html | null;
}

const anchor = (id: string, texts: PageTexts): Html =>
  html`<a class="anchor" href="#${id}" aria-label="${texts.link}">#</a>`;

const badge = (kind: string): Html =>
  html`<span class="badge badge-${kind.toLowerCase()}">${kind}</span>`;

const fact = (name: string, value: Html): Html => html`<li><span>${name}</span> ${value}</li>`;

const part = (title: string, content: Html): Html =>
  html`<section class="part"><h5>${title}</h5>${content}</section>`;

/** Codes of OpenAI's API are not among those that the page lists. */
function nameOf(code: string): Html {
  if (code === '') return html``;
  const name = html`<code>${code}</code>`;
  return whenOf(code) === '' ? name : html`<a href="#error-${code}">${name}</a>`;
}

const errorsOf = (errors: readonly Refusal[], texts: PageTexts, ofRest: boolean): Html =>
  html`<details class="part errors"><summary>${texts.errors}<span class="count">${errors.length}</span></summary><dl>${errors.map(
    ({ code, status, when }) =>
      html`<div><dt>${nameOf(code)}${
        ofRest && html`<span class="limits">${status}</span>`
      }</dt><dd>${words(texts.said(when))}</dd></div>`,
  )}</dl></details>`;

type Access = Pick<ClientEvent, 'permission'> & { scopes: ClientEvent['scopes'] | null };

function accessOf({ permission, scopes }: Access, texts: PageTexts): Html[] {
  const needs = (scopes ?? []).map((all) => all.map((one) => `\`${one}\``).join(' + '));
  const isAny = (scopes ?? []).some((all) => all.length === 0);
  return [
    ...(permission ? [fact(texts.permission, html`<code>${permission}</code>`)] : []),
    ...(isAny ? [fact(texts.key, words(texts.anyKey))] : []),
    ...(!isAny && needs.length > 0 ? [fact(texts.key, words(needs.join(' / ')))] : []),
  ];
}

function callFacts(call: RestCall, texts: PageTexts): Html {
  const { rate, isOpen } = call;
  return html`<ul class="facts">${isOpen && html`<li>${texts.open}</li>`}${!isOpen && !call.scopes && html`<li>${texts.session}</li>`}${accessOf(call, texts)}${
    rate &&
    fact(texts.limit, html`${rate.points} ${texts.an[rate.windowMs] ?? `/ ${rate.windowMs} ms`}`)
  }</ul>`;
}

const headersOf = (headers: RestCall['headers'], texts: PageTexts): Html =>
  html`<dl class="fields">${headers.map(
    ({ name, text }) =>
      html`<div class="field"><dt><code>${name}</code></dt><dd>${words(texts.said(text))}</dd></div>`,
  )}</dl>`;

function taken(call: RestCall, texts: PageTexts): Html[] {
  const has = (schema: RestCall['params'] | null) =>
    Object.keys(schema?.properties ?? {}).length > 0;
  const { params, query, body, takesFile } = call;
  const all = [
    ...(has(params) ? [part(texts.path, fields(params, texts, 'none'))] : []),
    ...(call.headers.length > 0 ? [part(texts.headers, headersOf(call.headers, texts))] : []),
    ...(has(query) ? [part(texts.query, fields(query, texts, 'required'))] : []),
    ...(body && has(body) ? [part(texts.body, fields(body, texts, 'required'))] : []),
    ...(takesFile ? [part(texts.body, html`<p>${words(texts.file)}</p>`)] : []),
  ];
  return all.length > 0 ? all : [html`<p class="part nothing">${texts.noBody}</p>`];
}

export function callSide(call: RestCall, texts: PageTexts): Side {
  const { id, method, path, status, response, produces, streams, isPaged, errors } = call;
  const type = streams ? 'text/event-stream' : produces.join(', ');
  const returned = html`${!streams && response.type !== 'string' && result(response, texts)}${
    type && html`<p class="result"><code>${type}</code></p>`
  }${isPaged && html`<p class="note">${words(texts.next)}</p>`}`;
  return {
    id,
    name: path,
    kind: method,
    head: html`<h4>${badge(method)}<code class="path">${path}</code>${anchor(id, texts)}</h4>${callFacts(call, texts)}`,
    details: html`${taken(call, texts)}${part(`${texts.returns} ${status}`, returned)}${errorsOf(errors, texts, true)}`,
    examples: examples(restExamples(call), texts),
  };
}

export function clientEventSide(event: ClientEvent, texts: PageTexts): Side {
  const { name, payload, ack, errors } = event;
  const takes = Object.keys(payload.properties ?? {}).length > 0;
  return {
    id: name,
    name,
    kind: 'emit',
    head: html`<h4>${badge('emit')}<code class="path">${name}</code>${anchor(name, texts)}</h4><ul class="facts">${accessOf(event, texts)}</ul>`,
    details: html`${
      takes
        ? part(texts.payload, fields(payload, texts, 'required'))
        : html`<p class="part nothing">${texts.noBody}</p>`
    }${part(texts.ack, result(ack, texts))}${errorsOf(errors, texts, false)}`,
    examples: examples(clientEventExamples(event), texts),
  };
}

export function serverEventSide(event: ServerEvent, texts: PageTexts): Side {
  const { name, payload, readers } = event;
  return {
    id: name,
    name,
    kind: 'on',
    head: html`<h4>${badge('on')}<code class="path">${name}</code>${anchor(name, texts)}</h4><ul class="facts"><li>${texts.said(readers)}</li></ul>`,
    details: part(texts.payload, result(payload, texts)),
    examples: examples(serverEventExamples(event), texts),
  };
}

export function streamEventSide(event: ServerEvent, texts: PageTexts): Side {
  const id = `stream-${event.name}`;
  return {
    id,
    name: event.name,
    kind: 'sse',
    head: html`<h4>${badge('sse')}<code class="path">event: ${event.name}</code>${anchor(id, texts)}</h4><ul class="facts"><li>${texts.stream}</li></ul>`,
    details: part('data', result(event.payload, texts)),
    examples: null,
  };
}
