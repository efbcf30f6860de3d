import { DEMO_MODEL } from '../../state/answers/demo-model.js';
import { useApp, useChat } from '../../state/app.js';
import { Logo } from '../controls/icons.js';
import { keepFocus } from '../hooks/keep-focus.js';

export const EmptyThread = () => {
  const { preferences, session } = useApp();
  const { model, send } = useChat();
  const texts = preferences.texts.value;
  return (
    <section class="empty" tabIndex={-1}>
      <Logo />
      <h2>{texts.greeting(session.user.value?.username ?? '')}</h2>
      <p>{texts.greetingHint}</p>
      <ul class="suggestions">
        {texts.suggestions.map((text) => (
          <li key={text}>
            <button
              type="button"
              class="suggestion"
              onClick={() => {
                send(text);
                keepFocus();
              }}
            >
              {text}
            </button>
          </li>
        ))}
      </ul>
      {model.value?.id === DEMO_MODEL && <p class="demo-notice">{texts.demoNotice}</p>}
    </section>
  );
};
