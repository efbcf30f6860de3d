import { useSignal } from '@preact/signals';
import type { Session } from '../../../contract/accounts.js';
import { relativeTime } from '../../i18n/formats.js';
import type { Account } from '../../state/account.js';
import { useApp } from '../../state/app.js';
import { FormProblem } from '../controls/form-problem.js';
import { Icon } from '../controls/icons.js';
import { AccountSection } from './account-section.js';
import { Outcome } from './outcome.js';
import { useAct } from './use-act.js';

/** Devices that are shown at first. */
const FEW = 5;

export const Devices = ({ account }: { account: Account }) => {
  const texts = useApp().preferences.texts.value.account;
  const { busy, done, error, act } = useAct();
  const sessions = account.sessions.value;
  const others = (sessions?.length ?? 0) > 1;
  return (
    <AccountSection title={texts.devices} hint={texts.devicesHint}>
      <FormProblem text={error} />
      {sessions === null ? (
        <DevicesSkeleton />
      ) : (
        <DeviceList
          sessions={sessions}
          disabled={busy.value}
          onLogOut={({ id, device }) =>
            act(
              () => account.logOut(id),
              (texts) => texts.account.deviceLoggedOut(device),
            )
          }
        />
      )}
      <Outcome text={done} />
      {others && (
        <button
          type="button"
          class="plain-button"
          disabled={busy.value}
          onClick={() =>
            act(
              () => account.logOutOthers(),
              (texts) => texts.account.othersLoggedOut,
            )
          }
        >
          {texts.logOutOthers}
        </button>
      )}
    </AccountSection>
  );
};

interface ListProps {
  sessions: readonly Session[];
  disabled: boolean;
  onLogOut(session: Session): void;
}

const DeviceList = ({ sessions, disabled, onLogOut }: ListProps) => {
  const texts = useApp().preferences.texts.value.account;
  const all = useSignal(false);
  const shown = all.value ? sessions : sessions.slice(0, FEW);
  return (
    <ul class="devices">
      {shown.map((session) => (
        <Device
          key={session.id}
          session={session}
          disabled={disabled}
          onLogOut={() => onLogOut(session)}
        />
      ))}
      {shown.length < sessions.length && (
        <li class="devices-more">
          <button
            type="button"
            class="quiet-button"
            onClick={() => {
              all.value = true;
            }}
          >
            {texts.showAll(sessions.length)}
          </button>
        </li>
      )}
    </ul>
  );
};

interface DeviceProps {
  session: Session;
  disabled: boolean;
  onLogOut(): void;
}

const Device = ({ session, disabled, onLogOut }: DeviceProps) => {
  const { preferences } = useApp();
  const texts = preferences.texts.value.account;
  const { device, ip, last_used_at, current, user_agent } = session;
  const when = relativeTime(last_used_at, preferences.language.value);
  return (
    <li class="device">
      <span class="device-sign">
        <Icon name={isHandheld(device) ? 'phone' : 'laptop'} />
      </span>
      <div class="device-text">
        <p class="device-name" title={user_agent}>
          {device}
          {current && <span class="device-badge">{texts.thisDevice}</span>}
        </p>
        <p class="account-hint device-detail">
          <span>{current ? texts.inUse : texts.lastUsed(when)}</span>
          <span>{ip || texts.unknownAddress}</span>
        </p>
      </div>
      {!current && (
        <button
          type="button"
          class="quiet-button"
          aria-label={texts.logOutDevice(device)}
          disabled={disabled}
          onClick={onLogOut}
        >
          {texts.logOut}
        </button>
      )}
    </li>
  );
};

const isHandheld = (device: string): boolean => /iPhone|iPad|Android|HarmonyOS/.test(device);

const DevicesSkeleton = () => (
  <div class="skeleton-list" aria-hidden="true">
    <span class="skeleton" />
    <span class="skeleton" />
  </div>
);
