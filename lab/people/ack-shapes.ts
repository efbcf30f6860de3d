import Joi from 'joi';
import type { AckData, ClientEventName, LiveText } from '../../src/contract/events.js';
import type { Member } from '../../src/contract/rest.js';
import {
  conversation,
  count,
  id,
  list,
  message,
  role,
  searchPage,
  shape,
  status,
  summary,
  text,
  time,
} from './shapes.js';

const resumed = {
  status,
  attempt: count(),
  from_seq: count(),
  seq: count(),
  text: text(),
  reasoning: Joi.string().optional(),
};
const live = shape<LiveText>({ ...resumed, message_id: id(), position: count().optional() });

/** The data of each event's ack. A missing one does not compile. */
export const ackShapes: { [E in ClientEventName]: Joi.ObjectSchema<AckData<E>> } = {
  'session:renew': shape<AckData<'session:renew'>>({ expires_at: time() }),
  'conversation:open': shape<AckData<'conversation:open'>>({
    conversation,
    members: list(shape<Member>({ ...summary, role })),
    presence: list(id()),
    messages: list(message),
    has_more: Joi.boolean(),
    live: list(live),
  }),
  'conversation:close': shape<AckData<'conversation:close'>>({}),
  'conversation:create': shape<AckData<'conversation:create'>>({ conversation }),
  'conversation:update': shape<AckData<'conversation:update'>>({ conversation }),
  'conversation:delete': shape<AckData<'conversation:delete'>>({}),
  'conversation:restore': shape<AckData<'conversation:restore'>>({ conversation }),
  'conversation:search': searchPage,
  'read:set': shape<AckData<'read:set'>>({}),
  'conversation:list': shape<AckData<'conversation:list'>>({
    conversations: list(conversation),
    next_cursor: Joi.string().allow(null),
  }),
  'message:send': shape<AckData<'message:send'>>({
    conversation,
    user_message: message,
    assistant_message: message.allow(null),
  }),
  'message:edit': shape<AckData<'message:edit'>>({
    conversation,
    user_message: message,
    assistant_message: message.allow(null),
  }),
  'message:regenerate': shape<AckData<'message:regenerate'>>({
    conversation,
    assistant_message: message,
  }),
  'message:continue': shape<AckData<'message:continue'>>({ assistant_message: message }),
  'message:select': shape<AckData<'message:select'>>({
    conversation,
    messages: list(message),
    has_more: Joi.boolean(),
  }),
  'message:delete': shape<AckData<'message:delete'>>({ message_ids: list(id()) }),
  'generation:stop': shape<AckData<'generation:stop'>>({ status }),
  'generation:resume': shape<AckData<'generation:resume'>>(resumed),
};
