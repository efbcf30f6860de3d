import { useId } from 'preact/hooks';

export interface Choice<T extends string> {
  value: T;
  label: string;
  /** The label's language, where it differs from the page's. */
  lang?: string;
}

interface Props<T extends string> {
  label: string;
  choices: readonly Choice<T>[];
  chosen: T;
  onChoose(value: T): void;
}

/** One of a few values, all in view. */
export const Choices = <T extends string>({ label, choices, chosen, onChoose }: Props<T>) => {
  const name = useId();
  return (
    <fieldset class="choices">
      <legend>{label}</legend>
      <div class="choices-row">
        {choices.map((choice) => (
          <label key={choice.value} class="choice" lang={choice.lang}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={choice.value === chosen}
              onChange={() => onChoose(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
};
