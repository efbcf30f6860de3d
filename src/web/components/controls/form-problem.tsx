import { useEffect, useRef } from 'preact/hooks';
import { keepFocus } from '../hooks/keep-focus.js';
import { Icon } from './icons.js';

/** The reason why a form was refused; read out when it appears. */
export const FormProblem = ({ text }: { text: string | null }) => {
  const ref = useRef<HTMLDivElement>(null);
  // The button that sent the form was disabled meanwhile, and lost the focus.
  useEffect(() => {
    const submit = () =>
      ref.current?.closest('form')?.querySelector<HTMLElement>('[type=submit]') ?? null;
    if (text !== null && ref.current?.closest('form')) keepFocus(submit);
  }, [text]);
  return (
    <div class="form-alert" role="alert" ref={ref}>
      {text !== null && (
        <p class="form-problem">
          <Icon name="alert" />
          {text}
        </p>
      )}
    </div>
  );
};
