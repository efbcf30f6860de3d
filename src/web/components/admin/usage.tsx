import { useEffect } from 'preact/hooks';
import type { Amount } from '../../../contract/amount.js';
import { grouped } from '../../i18n/formats.js';
import { useApp, useChat } from '../../state/app.js';
import { UsageChart } from '../account/usage-chart.js';
import { useCost } from '../account/use-cost.js';
import { FormProblem } from '../controls/form-problem.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';
import { Figure } from './figure.js';
import { ShareTable } from './share-table.js';
import { useLive } from './use-live.js';

const LOOK_EVERY_MS = 30_000;

/** The usage of all people, by day, model and person. */
export const Usage = () => {
  const { admin, texts } = useAdmin();
  const { usage } = admin;
  const { error, act } = useOutcome();
  useEffect(() => void act(usage.load), [admin]);
  useLive(usage.refresh, LOOK_EVERY_MS);
  const offered = useChat().models.value;
  const nameOf = (id: string) => offered.find((model) => model.id === id)?.name ?? id;
  const all = usage.all.value;
  const said = texts.usage;
  if (all === null) {
    return (
      <AdminSection title={said.byDay} hint={said.byDayHint}>
        <FormProblem text={error} />
      </AdminSection>
    );
  }
  const models = all.models.map((row) => ({ ...row, key: row.model, name: nameOf(row.model) }));
  const users = all.users.map(({ user, ...row }) => ({
    ...{ ...row, key: String(user.id) },
    name: user.username,
  }));
  return (
    <>
      <AdminSection title={said.byDay} hint={said.byDayHint}>
        <Totals />
        {all.days.length === 0 ? <None /> : <UsageChart days={all.days} />}
      </AdminSection>
      <AdminSection title={said.byModel} hint={said.byModelHint}>
        {models.length === 0 ? <None /> : <ShareTable head={said.model} rows={models} />}
      </AdminSection>
      <AdminSection title={said.byUser} hint={said.byUserHint}>
        {users.length === 0 ? <None /> : <ShareTable head={said.person} rows={users} />}
      </AdminSection>
    </>
  );
};

const None = () => <p class="admin-none">{useAdmin().texts.usage.none}</p>;

const Totals = () => {
  const { preferences } = useApp();
  const { admin, texts } = useAdmin();
  const shown = useCost();
  const totals = admin.usage.totals.value;
  if (totals === null) return null;
  const figure = (label: string, { tokens, cost }: { tokens: number; cost: Amount | null }) => (
    <Figure
      label={label}
      value={texts.usage.tokens(tokens, grouped(tokens, preferences.language.value))}
      more={tokens > 0 ? shown(cost) : null}
    />
  );
  return (
    <dl class="admin-figures">
      {figure(texts.usage.today, totals.day)}
      {figure(texts.usage.month, totals.month)}
    </dl>
  );
};
