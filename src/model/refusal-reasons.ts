import type { Language } from '../contract/language.js';

/** Why a call is refused, where the code alone does not tell its caller what to do. */
const REASONS = {
  registration_closed: {
    en: 'Registration is closed on this server. Please ask its administrator for an account.',
    zh: '此服务器已关闭注册，请联系管理员开通账号。',
  },
  invitation_required: {
    en: 'Only people with an invitation can register on this server. Please ask its administrator for one.',
    zh: '此服务器仅限受邀注册，请向管理员索取邀请链接。',
  },
  invitation_unknown: {
    en: 'This invitation does not exist, or it was withdrawn. Please ask for a new one.',
    zh: '此邀请不存在或已被撤回，请索取新的邀请。',
  },
  invitation_used: {
    en: 'This invitation has been used already. Please ask for a new one.',
    zh: '此邀请已被使用，请索取新的邀请。',
  },
  invitation_expired: {
    en: 'This invitation has expired. Please ask for a new one.',
    zh: '此邀请已过期，请索取新的邀请。',
  },
  invitation_other_email: {
    en: 'This invitation is for another email address.',
    zh: '此邀请适用于另一个邮箱地址。',
  },
} as const satisfies Record<string, Readonly<Record<Language, string>>>;

/** Stable, like a code. */
export type RefusalReason = keyof typeof REASONS;

export const REFUSAL_REASONS = Object.keys(REASONS) as RefusalReason[];

/** The reason as a sentence. */
export const describeReason = (reason: RefusalReason, language: Language): string =>
  REASONS[reason][language];
