import { type Request, type Response, Router } from 'express';
import { describeFault } from '../../contract/said/model-faults.js';
import type { Page } from '../../ports/repositories/account-repository.js';
import {
  accountChange,
  auditQuery,
  invitationBody,
  invitationListQuery,
  modelCheckBody,
  nodeParams,
  roleBody,
  roleChange,
  roleParams,
  userListQuery,
} from '../../validation/admin-schemas.js';
import { idParams } from '../../validation/schemas.js';
import { actorOf } from '../actor.js';
import type { HttpDeps } from '../deps.js';
import type { Endpoints } from '../endpoint.js';
import { nextLink } from '../next-link.js';

type Query = Parameters<typeof nextLink>[1];

/** An array, with the link to the next page in the header. */
function answerPage<T>(req: Request, res: Response, query: Query, page: Page<T>): T[] {
  const path = (req.baseUrl + req.path).replace(/\/$/, '');
  if (page.nextCursor) res.set('Link', nextLink(path, query, page.nextCursor));
  return page.entries;
}

function accountRoutes({ accounts, usage }: HttpDeps, { user }: Endpoints): Router {
  const list = user(
    { permission: 'users:read', query: userListQuery },
    async ({ query, req, res }) => answerPage(req, res, { ...query }, await accounts.list(query)),
  );

  const change = user(
    { permission: 'users:write', params: idParams, body: accountChange },
    async ({ principal, params, body, req }) =>
      accounts.change(actorOf(principal, req), params.id, body),
  );

  const usageOf = user({ permission: 'usage:read', params: idParams }, async ({ params }) =>
    usage.of(params.id),
  );

  return Router().get('/', list).patch('/:id', change).get('/:id/usage', usageOf);
}

function roleRoutes({ roles }: HttpDeps, { user }: Endpoints): Router {
  const list = user({ permission: 'roles:read' }, async () => roles.list());

  const create = user(
    { permission: 'roles:write', body: roleBody, status: 201 },
    async ({ principal, body, req }) => roles.create(actorOf(principal, req), body),
  );

  const change = user(
    { permission: 'roles:write', params: roleParams, body: roleChange },
    async ({ principal, params, body, req }) =>
      roles.change(actorOf(principal, req), params.name, body),
  );

  const remove = user(
    { permission: 'roles:write', params: roleParams },
    async ({ principal, params, req }) => {
      await roles.delete(actorOf(principal, req), params.name);
      return { message: 'Role deleted' };
    },
  );

  const router = Router().get('/', list).post('/', create);
  return router.patch('/:name', change).delete('/:name', remove);
}

/** The token stands after `#`, so that no server and no proxy sees it. */
const invitationUrl = (req: Request, host: string | undefined, token: string): string =>
  `${req.protocol}://${host ?? ''}/#/invitation/${token}`;

function invitationRoutes({ invitations, limit, hostOf }: HttpDeps, { user }: Endpoints): Router {
  const list = user(
    { permission: 'users:read', query: invitationListQuery },
    async ({ query, req, res }) =>
      answerPage(req, res, { ...query }, await invitations.list(query)),
  );

  const create = user(
    { permission: 'users:write', body: invitationBody, status: 201 },
    async ({ principal, body, req }) => {
      await limit('invite', String(principal.userId));
      const made = await invitations.create(actorOf(principal, req), body);
      return { ...made, url: invitationUrl(req, hostOf(req), made.token) };
    },
  );

  const revoke = user(
    { permission: 'users:write', params: idParams },
    async ({ principal, params, req }) => {
      await invitations.revoke(actorOf(principal, req), params.id);
      return { message: 'Invitation revoked' };
    },
  );

  return Router().get('/', list).post('/', create).delete('/:id', revoke);
}

function nodeRoutes({ nodes }: HttpDeps, { user }: Endpoints): Router {
  const list = user({ permission: 'nodes:read' }, async () => nodes.list());

  const drain = user(
    { permission: 'nodes:write', params: nodeParams, status: 202 },
    async ({ principal, params, req }) => {
      await nodes.drain(actorOf(principal, req), params.id);
      return { message: 'Node will drain' };
    },
  );

  return Router().get('/', list).post('/:id/drain', drain);
}

/** Each call names the permission that it needs. */
export function adminRoutes(deps: HttpDeps, endpoints: Endpoints): Router {
  const { config, records, nodes, modelCheck, limit, rights } = deps;
  const { user } = endpoints;

  const queue = user({ permission: 'nodes:read' }, async () => nodes.queue());

  const audit = user({ permission: 'audit:read', query: auditQuery }, async ({ query, req, res }) =>
    answerPage(req, res, { ...query }, await records.audit(query)),
  );

  const settings = user({ permission: 'settings:read' }, async () => config.settings);

  const words = user(
    { permission: 'models:test', params: idParams },
    async ({ principal, params }) => records.modelWords(principal.userId, params.id),
  );

  const testModel = user(
    { permission: 'models:test', body: modelCheckBody },
    async ({ principal, body, language }) => {
      await limit('model-test', String(principal.userId));
      const right = rights.watch(principal, 'models:test');
      try {
        const { fault, ...rest } = await modelCheck.run(principal, body.model, right.signal);
        // The notice that the right has ended may have been lost.
        await rights.require(principal, 'models:test');
        return { ok: fault === null, fault, message: describeFault(fault, language), ...rest };
      } finally {
        right.close();
      }
    },
  );

  return Router()
    .use('/users', accountRoutes(deps, endpoints))
    .use('/roles', roleRoutes(deps, endpoints))
    .use('/invitations', invitationRoutes(deps, endpoints))
    .post('/models/test', testModel)
    .get('/messages/:id/words', words)
    .use('/nodes', nodeRoutes(deps, endpoints))
    .get('/queue', queue)
    .get('/audit', audit)
    .get('/settings', settings);
}
