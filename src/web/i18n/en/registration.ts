/** Texts of the first account and of invitations. */
export const registrationEn = {
  firstTitle: 'Create the administrator’s account',
  firstHint: 'This server is new. The first account manages it.',
  invitedTitle: 'You are invited',
  invitedHint: 'Create an account to join this server.',
  inviteOnly: 'New here? You need an invitation from the administrator.',
  closed: 'New here? Only the administrator can give you an account.',
  admin: 'Administration',
};

export type RegistrationTexts = typeof registrationEn;
