import type { Amount } from '../../../contract/amount.js';
import { grouped } from '../../i18n/formats.js';
import { useApp } from '../../state/app.js';
import { useCost } from '../account/use-cost.js';

export interface Share {
  key: string;
  name: string;
  tokens: number;
  cost: Amount | null;
}

/** The bars are relative to the first row, which has most. They repeat the figures, so they are not read out. */
export const ShareTable = ({ head, rows }: { head: string; rows: readonly Share[] }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const language = preferences.language.value;
  const shown = useCost();
  const most = Math.max(1, ...rows.map(({ tokens }) => tokens));
  const hasCosts = rows.some(({ cost }) => cost !== null);
  return (
    <table class="usage-table admin-shares">
      <thead>
        <tr>
          <th scope="col">{head}</th>
          <th scope="col">{texts.tokens}</th>
          {hasCosts && <th scope="col">{texts.cost}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, tokens, cost }) => (
          <tr key={key}>
            <th scope="row">
              <bdi>{name}</bdi>
              <Bar share={tokens / most} />
            </th>
            <td>{grouped(tokens, language)}</td>
            {hasCosts && <td>{shown(cost) ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** The bar's width is measured in hundredths of the table's first column. */
const Bar = ({ share }: { share: number }) => (
  <svg
    class="admin-bar"
    viewBox="0 0 100 4"
    preserveAspectRatio="none"
    aria-hidden="true"
    focusable="false"
  >
    <rect class="admin-bar-ground" width="100" height="4" />
    <rect class="usage-day" width={Math.max(share * 100, share > 0 ? 0.5 : 0)} height="4" />
  </svg>
);
