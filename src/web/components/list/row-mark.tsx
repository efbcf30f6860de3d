import type { RowState } from '../../state/answers/row-state.js';
import { useApp } from '../../state/app.js';
import { Icon } from '../controls/icons.js';

/** The state of a conversation: a shape of its own for each, and words for people who do not see it. */
export const RowMark = ({ state, unread }: { state: RowState; unread: number }) => {
  const { list } = useApp().preferences.texts.value;
  const label = state === 'new' ? list.unread(unread) : list.states[state];
  return (
    <span class={`row-mark mark-${state}`} title={label}>
      {state === 'waiting' && <Icon name="clock" />}
      {(state === 'failed' || state === 'unsent') && <Icon name="alert" />}
      <span class="visually-hidden">{label}</span>
    </span>
  );
};
