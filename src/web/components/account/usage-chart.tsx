import type { DayUsage } from '../../../contract/usage.js';
import { dayOf, grouped } from '../../i18n/formats.js';
import { useApp } from '../../state/app.js';
import { everyDay } from '../../state/usage.js';
import { useCost } from './use-cost.js';

/** Units of the drawing: the width of a day with its gap, and the height of the highest bar. */
const STEP = 10;
const BAR = 7;
const HEIGHT = 60;
/** A day with little usage can still be seen beside one with much. */
const LEAST = 2;

/** Bars for the last days. The table below has the same figures for those who do not see them. */
export const UsageChart = ({ days }: { days: readonly DayUsage[] }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const language = preferences.language.value;
  const all = everyDay(days, Date.now());
  const most = Math.max(1, ...all.map(({ tokens }) => tokens));
  const width = all.length * STEP - (STEP - BAR);
  const [first] = all;
  return (
    <figure class="usage-chart">
      <figcaption class="usage-text">
        <span>{texts.lastDays(all.length)}</span>
        <span class="usage-count">{texts.mostInADay(grouped(most, language))}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={texts.lastDays(all.length)}
        focusable="false"
      >
        <line class="usage-ground" x1="0" x2={width} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {all.map((day, place) => (
          <Bar key={day.day} day={day} x={place * STEP} share={day.tokens / most} />
        ))}
      </svg>
      <div class="usage-axis" aria-hidden="true">
        <span>{first && dayOf(first.day, language)}</span>
        <span>{texts.today}</span>
      </div>
      <details class="usage-details">
        <summary>{texts.asTable}</summary>
        <div class="usage-days">
          <DayTable days={days} />
        </div>
      </details>
    </figure>
  );
};

const Bar = ({ day, x, share }: { day: DayUsage; x: number; share: number }) => {
  const said = useDay(day);
  const height = share === 0 ? 0 : Math.max(LEAST, share * HEIGHT);
  return (
    <g>
      <title>{said}</title>
      <rect class="usage-hit" x={x} y="0" width={BAR} height={HEIGHT} />
      <rect class="usage-day" x={x} y={HEIGHT - height} width={BAR} height={height} rx="1.5" />
    </g>
  );
};

function useDay({ day, tokens, cost }: DayUsage): string {
  const { preferences } = useApp();
  const texts = preferences.texts.value;
  const language = preferences.language.value;
  const parts = [texts.account.used(grouped(tokens, language)), useCost()(cost)];
  return `${dayOf(day, language)} · ${parts.filter(Boolean).join(' · ')}`;
}

/** Newest first; no column of costs where none is known. */
const DayTable = ({ days }: { days: readonly DayUsage[] }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const language = preferences.language.value;
  const shown = useCost();
  const hasCosts = days.some(({ cost }) => cost !== null);
  return (
    <table class="usage-table">
      <thead>
        <tr>
          <th scope="col">{texts.day}</th>
          <th scope="col">{texts.tokens}</th>
          {hasCosts && <th scope="col">{texts.cost}</th>}
        </tr>
      </thead>
      <tbody>
        {days.toReversed().map(({ day, tokens, cost }) => (
          <tr key={day}>
            <th scope="row">{dayOf(day, language)}</th>
            <td>{grouped(tokens, language)}</td>
            {hasCosts && <td>{shown(cost) ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
};
