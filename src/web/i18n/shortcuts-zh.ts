import type { ShortcutTexts } from './shortcuts-en.js';

export const shortcutsZh: ShortcutTexts = {
  title: '键盘快捷键',
  keys: (command) => [
    [['Enter'], '发送消息；编辑问题时保存并提问'],
    [['Shift', 'Enter'], '换行'],
    [[command, 'Enter'], '停止当前回答并立即发送'],
    [['↑'], '输入框为空时，编辑上一个问题'],
    [['Esc'], '取消编辑，关闭菜单或对话框'],
    [[command, 'K'], '搜索；用方向键选择结果'],
    [[command, 'Shift', 'O'], '新建对话'],
    [[command, 'Z'], '撤销上一次删除或归档（焦点不在输入框内时）'],
    [[command, '/'], '显示快捷键列表'],
  ],
};
