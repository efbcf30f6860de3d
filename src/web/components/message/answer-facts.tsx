import type { ChatMessage } from '../../../client/index.js';
import type { Texts } from '../../i18n/en.js';
import { grouped, money } from '../../i18n/formats.js';
import type { Language } from '../../i18n/languages.js';
import { useApp, useChat } from '../../state/app.js';
import { currencyOf } from '../../state/usage.js';

/** The known facts of an ended answer: the model, when and how long, tokens, and cost. */
export const AnswerFacts = ({ message, id }: { message: ChatMessage; id: string }) => {
  const { preferences } = useApp();
  const models = useChat().models.value;
  const own = models.filter(({ id }) => id === message.model);
  const currency = currencyOf(own.length > 0 ? own : models);
  const facts = factsOf(message, currency, preferences.texts.value, preferences.language.value);
  return (
    <dl class="answer-facts" id={id}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
};

type Fact = [name: string, value: string];

function factsOf(
  message: ChatMessage,
  currency: string | null,
  { answers }: Texts,
  language: Language,
): Fact[] {
  const { model, usage, completed_at, created_at, context } = message;
  const number = (count: number) => grouped(count, language);
  const facts: Fact[] = [];
  if (model !== null) facts.push([answers.model, model]);
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const asked = time.format(Date.parse(created_at));
  // The event of an end does not tell its time. So it is known only for answers that were read afterwards.
  const took = completed_at === null ? null : Date.parse(completed_at) - Date.parse(created_at);
  facts.push([answers.time, took === null ? asked : `${asked} · ${answers.took(took / 1_000)}`]);
  if (usage !== null) {
    const { prompt_tokens, completion_tokens, estimated, cost } = usage;
    const tokens = answers.tokens(number(prompt_tokens), number(completion_tokens));
    facts.push([answers.tokensLabel, estimated ? answers.estimated(tokens) : tokens]);
    if (cost !== null) facts.push([answers.cost, money(cost, currency, language)]);
  }
  if (context !== null) facts.push([answers.leftOut, number(context.omitted)]);
  return facts;
}
