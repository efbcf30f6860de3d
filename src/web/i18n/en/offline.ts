export const offlineEn = {
  kept: (when: string) =>
    `Saved on this device (${when}). Newer messages appear once there is a connection.`,
  missing: 'This conversation is not saved on this device. It opens once there is a connection.',
  search: 'There is no connection. Searching works again once there is one.',
};

export type OfflineTexts = typeof offlineEn;
