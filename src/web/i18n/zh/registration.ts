import type { RegistrationTexts } from '../en/registration.js';

export const registrationZh: RegistrationTexts = {
  firstTitle: '创建管理员账号',
  firstHint: '这是一台新服务器，第一个账号将负责管理它。',
  invitedTitle: '你收到了邀请',
  invitedHint: '创建账号即可加入此服务器。',
  inviteOnly: '还没有账号？请向管理员索取邀请。',
  closed: '还没有账号？请联系管理员开通。',
  admin: '管理',
};
