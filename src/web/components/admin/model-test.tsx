import { useEffect } from 'preact/hooks';
import { describeFault } from '../../../contract/said/model-faults.js';
import { DEMO_MODEL } from '../../state/answers/demo-model.js';
import { useApp, useChat } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { Icon } from '../controls/icons.js';
import { AdminSection, useAdmin, useOutcome } from './admin-context.js';

/** Asks the model once after the first account was made, and again when somebody wants it. */
export const ModelTest = () => {
  const { founded, preferences } = useApp();
  const { model } = useChat();
  const { admin, texts } = useAdmin();
  const { busy, error, act } = useOutcome();
  const test = () => {
    if (!busy.value) void act(() => admin.testModel());
  };
  useEffect(() => {
    if (!founded.value) return;
    founded.value = false;
    test();
  }, []);
  const check = admin.check.value;
  const language = preferences.language.value === 'en' ? 'en' : 'zh';
  const isDemo = (check?.model ?? model.value?.id) === DEMO_MODEL;
  return (
    <AdminSection title={texts.model} hint={texts.modelHint}>
      <FormProblem text={error} />
      <div class="admin-line">
        <p
          class={`admin-check ${check === null ? '' : check.ok ? 'is-ok' : 'is-bad'}`}
          role="status"
        >
          {busy.value && texts.testing}
          {!busy.value && check !== null && (
            <>
              <Icon name={check.ok ? 'check' : 'alert'} />
              <span>{texts.tested(check.model, describeFault(check.fault, language))}</span>
            </>
          )}
        </p>
        <button type="button" class="plain-button" aria-disabled={busy.value} onClick={test}>
          {texts.test}
        </button>
      </div>
      {!busy.value && check !== null && check.words !== null && (
        <div class="server-words">
          <p>{preferences.texts.value.answers.serverSaid}</p>
          <blockquote dir="auto">{check.words}</blockquote>
        </div>
      )}
      {isDemo && <p class="admin-hint">{texts.demoModel}</p>}
    </AdminSection>
  );
};
