import type { FieldError } from '../contract/errors.js';
import type { Language } from '../contract/language.js';

type Templates = Readonly<Record<string, string>>;

const ENGLISH: Templates = {
  root: 'value',
  'any.required': '{{#label}} is required',
  'any.only': '{{#label}} must be one of {{#valids}}',
  'string.base': '{{#label}} must be a string',
  'string.empty': '{{#label}} must not be empty',
  'string.min': '{{#label}} must have at least {{#limit}} characters',
  'string.max': '{{#label}} must have at most {{#limit}} characters',
  'string.email': '{{#label}} must be a valid email address',
  'string.guid': '{{#label}} must be a UUID',
  'string.isoDate': '{{#label}} must be a time in ISO 8601',
  'time.past': '{{#label}} must be in the future',
  'string.uri': '{{#label}} must be a URL',
  'string.uriCustomScheme': '{{#label}} must be a URL that begins with {{#scheme}}',
  'target.form': '{{#label}} must be a URL',
  'target.scheme': '{{#label}} must begin with https://',
  'target.credentials': '{{#label}} must not contain a user or password',
  'target.host': '{{#label}} must not lead into the network of the server',
  'target.port': '{{#label}} must have port 443 or one above 1023',
  'string.pattern.base':
    '{{#label}} must begin with a lowercase letter and contain only lowercase letters, digits, - and _',
  'text.storable': '{{#label}} contains characters that are not valid Unicode text',
  'text.blank': '{{#label}} must not be blank',
  'text.username': '{{#label}} must not contain invisible characters or begin or end with a space',
  'text.hidden': '{{#label}} must not contain spaces or invisible characters',
  'text.clientId':
    '{{#label}} may contain only letters, digits, - and _, at most {{#limit}} of them',
  'text.eventId': '{{#label}} must be the id of an event: attempt, - and seq',
  'password.min': '{{#label}} must have at least {{#limit}} bytes',
  'password.max': '{{#label}} must have at most {{#limit}} bytes',
  'password.common': '{{#label}} is among the most common passwords; please choose another',
  'password.own': '{{#label}} must not be your email address or name',
  'number.base': '{{#label}} must be a number',
  'number.integer': '{{#label}} must be a whole number',
  'number.min': '{{#label}} must be at least {{#limit}}',
  'number.max': '{{#label}} must be at most {{#limit}}',
  'number.unsafe': '{{#label}} is out of range',
  'number.infinity': '{{#label}} is out of range',
  'boolean.base': '{{#label}} must be true or false',
  'object.base': '{{#label}} must be an object',
  'object.max': 'at most {{#limit}} fields are allowed',
  'array.base': '{{#label}} must be a list',
  'array.min': '{{#label}} must have at least {{#limit}} entries',
  'array.max': '{{#label}} must have at most {{#limit}} entries',
  'array.unique': '{{#label}} is listed twice',
  'body.type': '{{#label}} must be application/json',
  'body.charset': '{{#label}} must name the charset utf-8, or none',
  'body.encoding': '{{#label}} must be identity: send the body uncompressed',
  'payload.large':
    'at most {{#limit}} keys and entries are allowed, nested at most {{#depth}} deep',
  'cursor.unknown': '{{#label}} is not a cursor of this list',
  'role.unknown': 'no such role: {{#value}}',
};

const CHINESE: Templates = {
  root: '内容',
  'any.required': '{{#label}} 为必填项',
  'any.only': '{{#label}} 必须是 {{#valids}} 之一',
  'string.base': '{{#label}} 必须是字符串',
  'string.empty': '{{#label}} 不能为空',
  'string.min': '{{#label}} 至少需要 {{#limit}} 个字符',
  'string.max': '{{#label}} 最多 {{#limit}} 个字符',
  'string.email': '{{#label}} 必须是有效的邮箱地址',
  'string.guid': '{{#label}} 必须是 UUID',
  'string.isoDate': '{{#label}} 必须是 ISO 8601 格式的时间',
  'time.past': '{{#label}} 必须是将来的时间',
  'string.uri': '{{#label}} 必须是 URL',
  'string.uriCustomScheme': '{{#label}} 必须是以 {{#scheme}} 开头的 URL',
  'target.form': '{{#label}} 必须是 URL',
  'target.scheme': '{{#label}} 必须以 https:// 开头',
  'target.credentials': '{{#label}} 不能包含用户名或密码',
  'target.host': '{{#label}} 不能指向服务器所在的内部网络',
  'target.port': '{{#label}} 的端口必须是 443 或大于 1023',
  'string.pattern.base': '{{#label}} 必须以小写字母开头，且只能包含小写字母、数字、- 和 _',
  'text.storable': '{{#label}} 含有无效的 Unicode 字符',
  'text.blank': '{{#label}} 不能只有空白字符',
  'text.username': '{{#label}} 不能含有不可见字符，首尾不能是空格',
  'text.hidden': '{{#label}} 不能含有空格或不可见字符',
  'text.clientId': '{{#label}} 只能包含字母、数字、- 和 _，最多 {{#limit}} 个',
  'text.eventId': '{{#label}} 必须是事件的 id：attempt、- 和 seq',
  'password.min': '{{#label}} 至少需要 {{#limit}} 个字节',
  'password.max': '{{#label}} 最多 {{#limit}} 个字节',
  'password.common': '{{#label}} 属于最常见的密码，请换一个',
  'password.own': '{{#label}} 不能是你的邮箱或用户名',
  'number.base': '{{#label}} 必须是数字',
  'number.integer': '{{#label}} 必须是整数',
  'number.min': '{{#label}} 不能小于 {{#limit}}',
  'number.max': '{{#label}} 不能大于 {{#limit}}',
  'number.unsafe': '{{#label}} 超出范围',
  'number.infinity': '{{#label}} 超出范围',
  'boolean.base': '{{#label}} 必须是 true 或 false',
  'object.base': '{{#label}} 必须是对象',
  'object.max': '最多 {{#limit}} 个字段',
  'array.base': '{{#label}} 必须是列表',
  'array.min': '{{#label}} 至少需要 {{#limit}} 项',
  'array.max': '{{#label}} 最多 {{#limit}} 项',
  'array.unique': '{{#label}} 重复',
  'body.type': '{{#label}} 必须是 application/json',
  'body.charset': '{{#label}} 的 charset 必须是 utf-8，或者不写',
  'body.encoding': '{{#label}} 必须是 identity：请发送未压缩的正文',
  'payload.large': '键和数组元素总共最多 {{#limit}} 个，嵌套最多 {{#depth}} 层',
  'cursor.unknown': '{{#label}} 不是该列表给出的游标',
  'role.unknown': '角色 {{#value}} 不存在',
};

/** joi templates by language. Both have every code that the schemas can raise. */
export const VALIDATION_MESSAGES: Readonly<Record<Language, Templates>> = {
  en: ENGLISH,
  zh: CHINESE,
};

/** A finding of a check after the schemas, before it is put in words. */
export interface Finding {
  path: string;
  /** One of the templates. */
  code: string;
  values?: Readonly<Record<string, string | number>>;
}

/** Puts a finding into words as joi does. */
export function wordFinding({ path, code, values = {} }: Finding, language: Language): FieldError {
  const known: Finding['values'] = { ...values, label: path };
  const template = VALIDATION_MESSAGES[language][code] ?? code;
  const message = template.replace(/\{\{#(\w+)\}\}/g, (_, name: string) => String(known[name]));
  return { path, message };
}
