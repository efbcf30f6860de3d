import { ConversationService } from '../conversations/conversation-service.js';
import { SearchService } from '../conversations/search-service.js';
import { TitleService } from '../conversations/title-service.js';
import { DomainEvents } from '../events.js';
import { ImportService } from '../imports/import-service.js';
import { HeavyWork } from '../limits/heavy-work.js';
import type { OwedCharges } from '../limits/owed-charges.js';
import type { ServiceDeps, ServiceSettings } from '../service-options.js';
import type { Models } from './models.js';

export interface ConversationParts extends ServiceDeps, Models {
  owed: OwedCharges;
}

/** Conversations without their answers. */
export function createConversations(
  deps: ConversationParts,
  settings: Pick<ServiceSettings, 'heavyWork' | 'imports' | 'titles'>,
) {
  const { db, logger, now, models } = deps;
  const { log, notices } = deps.engine;
  const events = new DomainEvents();
  const searches = new HeavyWork(settings.heavyWork);
  const conversations = new ConversationService({ db, events, models, log, notices, searches });
  const imports = new ImportService({
    ...{ db, events, logger, files: deps.importFiles, now },
    work: new HeavyWork(settings.imports),
    findModel: (name) => models.find(name),
  });
  const search = new SearchService({ db, searches });
  const titles = new TitleService({ ...deps, conversations }, settings.titles);
  return { events, conversations, imports, search, titles };
}
