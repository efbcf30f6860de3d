/** The reasons of refusals, where the code alone does not tell the caller what to do. */
export const reasonsEn = {
  registration_closed:
    'Registration is closed on this server. Please ask its administrator for an account.',
  invitation_required:
    'Only people with an invitation can register on this server. Please ask its administrator for one.',
  invitation_unknown:
    'This invitation does not exist, or it was withdrawn. Please ask for a new one.',
  invitation_used: 'This invitation has been used already. Please ask for a new one.',
  invitation_expired: 'This invitation has expired. Please ask for a new one.',
  invitation_other_email: 'This invitation is for another email address.',
} as const;

/** Stable, like a code. */
export type RefusalReason = keyof typeof reasonsEn;
