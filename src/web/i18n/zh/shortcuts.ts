import type { ShortcutTexts } from '../en/shortcuts.js';

export const shortcutsZh: ShortcutTexts = {
  title: '键盘快捷键',
  keys: (command) => [
    [['Enter'], '发送消息；编辑问题时保存并提问'],
    [['Shift', 'Enter'], '换行'],
    [[command, 'Enter'], '停止当前回答并立即发送'],
    [['↑'], '输入框为空时，编辑上一个问题'],
    [['Esc'], '关闭对话框、菜单、编辑或列表；否则停止当前回答'],
    [[command, 'K'], '打开命令面板：搜索和所有操作'],
    [[command, 'Shift', 'O'], '新建对话'],
    [[command, 'Z'], '撤销上一次删除或归档（焦点不在输入框内时）'],
    [[command, 'P'], '打印整个对话'],
    [['F2'], '在列表中重命名对话'],
    [['?'], '显示快捷键列表（焦点不在输入框内时）'],
    [[command, '/'], '在任何位置显示快捷键列表'],
  ],
};
