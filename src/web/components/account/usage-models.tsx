import type { ModelUsage } from '../../../contract/usage.js';
import { grouped } from '../../i18n/formats.js';
import { useApp, useChat } from '../../state/app.js';
import { useCost } from './use-cost.js';

/** The usage of each model in this month. */
export const UsageModels = ({ models }: { models: readonly ModelUsage[] }) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const language = preferences.language.value;
  const offered = useChat().models.value;
  const shown = useCost();
  const nameOf = (id: string) => offered.find((model) => model.id === id)?.name ?? id;
  const hasCosts = models.some(({ cost }) => cost !== null);
  return (
    <table class="usage-table usage-models">
      <thead>
        <tr>
          <th scope="col">{texts.byModel}</th>
          <th scope="col">{texts.tokens}</th>
          {hasCosts && <th scope="col">{texts.cost}</th>}
        </tr>
      </thead>
      <tbody>
        {models.map(({ model, tokens, cost }) => (
          <tr key={model}>
            <th scope="row">{nameOf(model)}</th>
            <td>{grouped(tokens, language)}</td>
            {hasCosts && <td>{shown(cost) ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
};
