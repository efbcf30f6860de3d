import type { Page } from 'playwright-core';
import { eventually } from '../../../lab/eventually.js';
import { status } from '../../../lab/models/scripted-upstream.js';
import { goTo, openNewChat, type Scene } from './scene.js';
import type { State } from './state.js';

/** A part of the page of administrators, without what another state has opened in it. */
async function openPart(scene: Scene, part: string): Promise<Page> {
  const { page } = scene.member;
  await goTo(page, '#/');
  await page.getByText('What would you like to talk about?').waitFor();
  await goTo(page, part === 'overview' ? '#/admin' : `#/admin/${part}`);
  await page.getByRole('heading', { name: 'Administration', level: 1 }).waitFor();
  await page.locator('.admin-section h2').first().waitFor();
  return page;
}

const openPeople = async (scene: Scene): Promise<Page> => {
  const page = await openPart(scene, 'people');
  await page.getByText('Grace@example.com').first().waitFor();
  return page;
};

/** A part as it is when it is opened. */
const partOf = (part: string): State => ({
  name: `the administration: ${part}`,
  who: 'member',
  show: async (scene) => void (await openPart(scene, part)),
});

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Nodes that serve no more: one drains, one hears no other, one is silent. */
const OTHER_NODES = `
  INSERT INTO nodes (id, hostname, version, hears, beat_at, drain_asked_at) VALUES
    ('other-1', 'drains.example.com', '0.2.0', true, now() + interval '1 hour', now()),
    ('other-2', 'hears-nothing.example.com', '0.2.0', false, now() + interval '1 hour', NULL),
    ('other-3', 'silent.example.com', '0.1.0', true, now() - interval '1 hour', NULL)`;

const OVERVIEW: readonly State[] = [
  {
    name: 'the administration: a model that refuses, with its words',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'overview');
      scene.app.upstream.script(status(401, { message: 'Project 4711 has no credit' }));
      await button(page, 'Test').click();
      await page.getByText('Project 4711 has no credit').waitFor();
    },
  },
  {
    name: 'the administration: nodes of every state, and a queue',
    who: 'member',
    async show(scene) {
      scene.held = scene.app.upstream.next();
      await scene.app.rows(OTHER_NODES);
      await openNewChat(scene);
      await scene.member.composer.fill('In the queue');
      await button(scene.member.page, 'Send').click();
      await scene.held.opened;
      // The new conversation has been shown, so nothing leads there any more.
      await scene.member.page.locator('.message-assistant.is-live').waitFor();
      const page = await openPart(scene, 'overview');
      await page.getByText('silent.example.com').waitFor();
      await page.getByText('1 running, 0 waiting').waitFor();
    },
    async leave(scene) {
      scene.held?.finish();
      scene.held = null;
      await scene.app.rows("DELETE FROM nodes WHERE id LIKE 'other-_'");
      await eventually(
        () => scene.app.rows('SELECT FROM generations'),
        (rows) => rows.length === 0,
      );
    },
  },
];

const openRole = async (scene: Scene): Promise<Page> => {
  await scene.app.rows(
    `INSERT INTO roles (name, permissions, tokens_per_day, tokens_per_month)
     VALUES ('support', '{users:read}', 2500, 50000)
     ON CONFLICT (name) DO UPDATE SET tokens_per_day = excluded.tokens_per_day`,
  );
  const page = await openPart(scene, 'roles');
  await page.getByText('2,500 tokens a day').waitFor();
  return page;
};

const ROLES: readonly State[] = [
  {
    name: 'the form for a new role',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'roles');
      await button(page, 'New role').click();
      await button(page, 'Create role').waitFor();
    },
  },
  {
    name: 'a role with a quota that is changed',
    who: 'member',
    async show(scene) {
      const page = await openRole(scene);
      await button(page, 'Edit support').click();
      await page.getByLabel('Tokens per month').waitFor();
    },
  },
  {
    name: 'a question before a role is deleted',
    who: 'member',
    async show(scene) {
      const page = await openRole(scene);
      await button(page, 'Delete support').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'the quota of a person, and what was used',
    who: 'member',
    async show(scene) {
      await scene.app.rows(`UPDATE users SET tokens_per_day = 1000 WHERE username = 'Grace'`);
      const page = await openPeople(scene);
      await button(page, 'Quota of Grace').click();
      await page.getByRole('meter', { name: 'Today' }).waitFor();
    },
    leave: async ({ app }) => void (await app.rows('UPDATE users SET tokens_per_day = NULL')),
  },
  {
    name: 'a search for people that found nobody',
    who: 'member',
    async show(scene) {
      const page = await openPeople(scene);
      await page.getByLabel('Search by name or email').fill('nobody at all');
      await page.getByText('Nobody found.').waitFor();
    },
  },
];

const FACTS: readonly State[] = [
  {
    name: 'the administration: usage of each day as a table',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'usage');
      await page.getByText('Show as a table').click();
      await page.getByRole('row').first().waitFor();
    },
  },
  {
    name: 'entries of the audit log that were looked for, with their origin',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'audit');
      await page.getByLabel('What happened').selectOption('signed_in');
      await page.getByRole('button', { name: 'Show everything' }).waitFor();
      await page.getByText('Details').first().click();
      await page.getByText('Address').first().waitFor();
    },
  },
  {
    name: 'a search in the audit log that found nothing',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'audit');
      await page.getByLabel('What happened').selectOption('secrets_rotated');
      await page.getByText('Nothing found.').waitFor();
    },
  },
  {
    name: 'settings that were found',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'settings');
      await page.getByLabel('Search settings').fill('lease');
      await page.getByText('OPENAI_API_KEY').waitFor({ state: 'detached' });
    },
  },
  {
    name: 'a search for a setting that found none',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'settings');
      await page.getByLabel('Search settings').fill('no such thing');
      await page.getByText('No setting found.').waitFor();
    },
  },
];

/** The parts of the administrators' page. A menu or form that opens in a part needs a state of its own. */
export const ADMIN_STATES: readonly State[] = [
  ...['people', 'roles', 'usage', 'audit', 'settings'].map(partOf),
  ...OVERVIEW,
  ...ROLES,
  ...FACTS,
  {
    name: 'the administration: overview, with a model that answers',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'overview');
      await page.getByRole('button', { name: 'Test', exact: true }).click();
      await page.getByText('It answers.').waitFor();
      await page.getByText('Yours').waitFor();
    },
  },
  {
    name: 'a new invitation, and the roles of a person',
    who: 'member',
    async show(scene) {
      const page = await openPeople(scene);
      await page.getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('textbox', { name: 'Invitation link' }).waitFor();
      await page.getByRole('button', { name: 'Roles of Grace' }).click();
      await page.getByRole('group', { name: 'Roles of Grace' }).waitFor();
    },
  },
  {
    name: 'a refused change of roles',
    who: 'member',
    async show(scene) {
      const page = await openPeople(scene);
      await page.getByRole('button', { name: 'Roles of Ada' }).click();
      const roles = page.getByRole('group', { name: 'Roles of Ada' });
      await roles.getByLabel('admin').uncheck();
      await page.locator('.admin-roles').getByRole('button', { name: 'Save' }).click();
      await page.getByText('At least one active administrator must remain.').waitFor();
    },
  },
  {
    name: 'a question before an account is disabled',
    who: 'member',
    async show(scene) {
      const page = await openPeople(scene);
      await page.getByRole('button', { name: 'Disable Grace' }).click();
      await page.getByRole('dialog', { name: 'Disable Grace?' }).waitFor();
    },
  },
  {
    name: 'a question before a node is drained',
    who: 'member',
    async show(scene) {
      const page = await openPart(scene, 'overview');
      await page.getByRole('button', { name: /^Drain/ }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
];
