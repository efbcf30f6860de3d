interface Props<T extends string> {
  legend: string;
  name: string;
  choices: readonly T[];
  label: Record<T, string>;
  isChecked(choice: T): boolean;
}

/** Boxes to check any number of, as a part of a form. */
export const Checks = <T extends string>({ legend, name, choices, label, isChecked }: Props<T>) => (
  <fieldset class="checks">
    <legend>{legend}</legend>
    {choices.map((choice) => (
      <label key={choice} class="check">
        <input type="checkbox" name={name} value={choice} defaultChecked={isChecked(choice)} />
        {label[choice]}
      </label>
    ))}
  </fieldset>
);
