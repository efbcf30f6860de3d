import type { QueueReport } from '../../../contract/admin.js';
import { grouped } from '../../i18n/formats.js';
import { useApp } from '../../state/app.js';
import { AdminSection, useAdmin } from './admin-context.js';
import { Figure } from './figure.js';

/** The answers that run and wait on all nodes, and their users. */
export const Queue = ({ report }: { report: QueueReport }) => {
  const { preferences } = useApp();
  const texts = useAdmin().texts.queue;
  const shown = (count: number) => grouped(count, preferences.language.value);
  const { running, waiting, oldest_ms, users } = report;
  return (
    <AdminSection title={texts.title} hint={texts.hint}>
      <dl class="admin-figures">
        <Figure label={texts.running} value={shown(running)} />
        <Figure label={texts.waiting} value={shown(waiting)} />
        <Figure label={texts.oldest} value={texts.seconds(shown(Math.round(oldest_ms / 1_000)))} />
      </dl>
      {users.length === 0 ? (
        <p class="admin-none">{texts.idle}</p>
      ) : (
        <ul class="admin-list" aria-label={texts.people}>
          {users.map((user) => (
            <li class="admin-row" key={user.id}>
              <p class="admin-who admin-name">
                <bdi>{user.username}</bdi>
              </p>
              <p class="admin-detail">{texts.ofPerson(user.running, user.waiting)}</p>
            </li>
          ))}
        </ul>
      )}
    </AdminSection>
  );
};
