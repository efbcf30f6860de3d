import { useId } from 'preact/hooks';
import type { OwnUsagePeriod } from '../../../contract/usage.js';
import { grouped } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { AccountSection } from './account-section.js';
import { UsageChart } from './usage-chart.js';
import { UsageModels } from './usage-models.js';
import { useCost } from './use-cost.js';

/** Shows nothing until the server has replied, and a bar only if there is a limit. */
export const UsageBars = ({ account }: { account: Account }) => {
  const texts = useApp().preferences.texts.value.account;
  const usage = account.usage.value;
  if (usage === null) return null;
  return (
    <AccountSection title={texts.usage} hint={texts.usageHint}>
      <div class="usage">
        <UsageBar label={texts.today} period={usage.day} />
        <UsageBar label={texts.month} period={usage.month} />
        {usage.days.length > 0 && <UsageChart days={usage.days} />}
        {usage.by_model.length > 0 && <UsageModels models={usage.by_model} />}
      </div>
    </AccountSection>
  );
};

/** Shares of a limit above which a bar shows that little or nothing is left. */
const MUCH = 0.8;
const ALL = 0.995;

export const UsageBar = ({ label, period }: { label: string; period: OwnUsagePeriod }) => {
  const { tokens, reserved, limit } = period;
  const id = useId();
  const said = useSaid(period);
  return (
    <div class="usage-row">
      <div class="usage-text">
        <span id={id}>{label}</span>
        <span class="usage-count">{said}</span>
      </div>
      {limit !== null && (
        <meter
          class="usage-bar"
          aria-labelledby={id}
          aria-valuetext={said}
          max={Math.max(1, limit)}
          low={limit * MUCH}
          high={limit * ALL}
          optimum={0}
          value={tokens + reserved}
        />
      )}
    </div>
  );
};

function useSaid({ tokens, reserved, limit, cost }: OwnUsagePeriod): string {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const shown = (count: number) => grouped(count, preferences.language.value);
  const parts = [
    limit === null ? texts.used(shown(tokens)) : texts.usedOf(shown(tokens), shown(limit)),
    reserved > 0 && texts.reserved(shown(reserved)),
    useCost()(cost),
  ];
  return parts.filter(Boolean).join(' · ');
}
