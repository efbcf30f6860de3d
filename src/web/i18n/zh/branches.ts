import type { BranchTexts } from '../en/branches.js';

export const branchesZh: BranchTexts = {
  edit: '编辑',
  editQuestion: '编辑问题',
  editAnswer: '编辑回答',
  saveAndAsk: '保存并提问',
  saveOnly: '仅保存',
  save: '保存',
  regenerate: '重新回答',
  regenerateWith: '换一个模型重新回答',
  remove: '移除',
  sendNow: '立即发送',
  sendNowHint: '停止正在生成的回答',
  previousVersion: '上一个版本',
  nextVersion: '下一个版本',
  versions: (at, count) => `${at} / ${count}`,
  versionLabel: (at, count) => `第 ${at} 个版本，共 ${count} 个`,
  deleteQuestion: '删除问题',
  deleteAnswer: '删除回答',
  deleteQuestionTitle: '删除此问题？',
  deleteAnswerTitle: '删除此回答？',
  deleteMessageBody: (excerpt, below) =>
    below === 0
      ? `“${excerpt}”将被永久删除。`
      : `“${excerpt}”及其后的全部内容（此处另有 ${below} 条消息）将被永久删除。`,
  interruptHint: (command) => `回车排队发送，${command} + 回车停止当前回答并立即发送`,
};
