import { useId } from 'preact/hooks';

interface Props {
  label: string;
  name: string;
  value: string;
  choices: readonly (readonly [value: string, label: string])[];
}

/** A labelled list to choose one value from, as a part of a form. */
export const Choice = ({ label, name, value, choices }: Props) => {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-box">
        <select id={id} name={name}>
          {choices.map(([choice, said]) => (
            <option key={choice} value={choice} selected={choice === value}>
              {said}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
};
