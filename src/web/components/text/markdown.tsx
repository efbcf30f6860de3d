import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { copyText } from '../../copy-text.js';
import type { Formatting } from '../../markdown/formatting.js';
import { langOf } from '../../markdown/lang-of.js';
import type { AnswerView } from '../../markdown/view/answer-view.js';
import type { ViewKit } from '../../markdown/view/kit.js';
import { type App, useApp } from '../../state/app.js';
import { saveText } from '../controls/download.js';
import { PlainText } from './plain-text.js';
import { usePaced } from './use-paced.js';

interface Props {
  text: string;
  /** The text is complete; until then it grows. */
  done: boolean;
}

/** Shows any `text`: formatted as far as that is safe and quick, otherwise plain. */
export const Markdown = (props: Props) => {
  const formatting = useApp().formatting.value;
  return formatting === null ? (
    <PlainText text={props.text} />
  ) : (
    <Formatted {...props} formatting={formatting} />
  );
};

/** Preact does not manage its elements: settled blocks are never touched, and a selection in them stays. */
const Formatted = ({ formatting, text, done }: Props & { formatting: Formatting }) => {
  const app = useApp();
  const root = useRef<HTMLDivElement>(null);
  const view = useRef<AnswerView | null>(null);
  const blocks = usePaced(formatting.createBlockReader, text, done);
  useLayoutEffect(() => {
    if (root.current === null) return;
    view.current ??= new formatting.AnswerView(root.current, kitOf(app, formatting));
    view.current.update(blocks);
  }, [blocks]);
  useEffect(() => view.current?.relabel(), [app.preferences.texts.value]);
  return <div class="markdown" lang={langOf(text)} ref={root} />;
};

const kitOf = ({ preferences }: App, formatting: Formatting): ViewKit => ({
  ...formatting,
  labels: () => preferences.texts.peek().answers,
  copy: copyText,
  save: saveText,
});
