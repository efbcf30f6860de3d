type Names = readonly (readonly [sign: RegExp, name: string])[];

/** Most browsers also carry the signs of those further down. */
const BROWSERS: Names = [
  [/\bMicroMessenger\//, 'WeChat'],
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPT|Opera)\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bYaBrowser\//, 'Yandex Browser'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:M?QQBrowser)\//, 'QQ Browser'],
  [/\bUCBrowser\//, 'UC Browser'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:HeadlessChrome|Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

const SYSTEMS: Names = [
  [/\bHarmonyOS\b|\bOpenHarmony\b/, 'HarmonyOS'],
  [/\bAndroid\b/, 'Android'],
  [/\b(?:iPad|iPadOS)\b/, 'iPad'],
  [/\b(?:iPhone|iPod|iOS)\b/, 'iPhone'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(?:Macintosh|Mac OS X|macOS|Darwin)\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const nameOf = (names: Names, userAgent: string): string | undefined =>
  names.find(([sign]) => sign.test(userAgent))?.[1];

/** Apps and tools begin with their own product token (RFC 9110, 10.1.5). */
const productOf = (userAgent: string): string | undefined =>
  /^(?!Mozilla\b)[\w.+-]{1,40}/.exec(userAgent)?.[0];

/** A name by which people recognise a device: `Firefox on Windows`, `curl`. Based on what the device claims to be. */
export function deviceName(userAgent: string): string {
  const program = productOf(userAgent) ?? nameOf(BROWSERS, userAgent);
  const system = nameOf(SYSTEMS, userAgent);
  if (!program) return system ?? 'Unknown device';
  return system ? `${program} on ${system}` : program;
}
