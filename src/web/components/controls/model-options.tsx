import { isGone } from '../../state/answers/model-facts.js';
import { useApp, useChat } from '../../state/app.js';

/** The models that can be chosen. One that was removed from the server stays visible until another one is chosen. */
export const ModelOptions = ({ chosen }: { chosen: string | null }) => {
  const texts = useApp().preferences.texts.value.models;
  const { models, model: standard } = useChat();
  return (
    <>
      {isGone(chosen, models.value) && (
        <option value={chosen ?? ''} disabled>
          {texts.gone(chosen ?? '')}
        </option>
      )}
      <option value="">{texts.standard(standard.value?.name ?? '')}</option>
      {models.value.map((each) => (
        <option key={each.id} value={each.id}>
          {each.name}
        </option>
      ))}
    </>
  );
};
