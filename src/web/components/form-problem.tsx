import { Icon } from './icons.js';

/** Why a form was refused; read out when it appears. */
export const FormProblem = ({ text }: { text: string | null }) => (
  <div class="form-alert" role="alert">
    {text !== null && (
      <p class="form-problem">
        <Icon name="alert" />
        {text}
      </p>
    )}
  </div>
);
