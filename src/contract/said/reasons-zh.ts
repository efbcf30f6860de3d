import type { RefusalReason } from './reasons-en.js';

export const reasonsZh: Readonly<Record<RefusalReason, string>> = {
  registration_closed: '此服务器已关闭注册，请联系管理员开通账号。',
  invitation_required: '此服务器仅限受邀注册，请向管理员索取邀请链接。',
  invitation_unknown: '此邀请不存在或已被撤回，请索取新的邀请。',
  invitation_used: '此邀请已被使用，请索取新的邀请。',
  invitation_expired: '此邀请已过期，请索取新的邀请。',
  invitation_other_email: '此邀请适用于另一个邮箱地址。',
};
