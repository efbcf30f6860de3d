import type { ComponentChildren } from 'preact';

const PATHS = {
  plus: <path d="M12 5v14M5 12h14" />,
  menu: <path d="M4 7h16M4 12h16M4 17h10" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  search: (
    <>
      <circle cx="11" cy="11" r="6.5" />
      <path d="M16 16l4.5 4.5" />
    </>
  ),
  pencil: (
    <path d="M4 20l.9-4L16 4.9a1.8 1.8 0 0 1 2.6 0l.5.5a1.8 1.8 0 0 1 0 2.6L8 19.1 4 20zM14 7l3 3" />
  ),
  sliders: <path d="M4 7h9M17 7h3M4 12h3M11 12h9M4 17h11M19 17h1M15 5v4M9 10v4M17 15v4" />,
  more: <path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.600" />,
  pin: <path d="M9 4h6l-.800 6 3.300 3.500v1.500h-11v-1.500L9.800 10 9 4zM12 15v5.500" />,
  archive: <path d="M4 5h16v4H4zM5.500 9v10h13V9M10 12.500h4" />,
  trash: <path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.2 11v5M13.8 11v5" />,
  send: <path d="M12 19V5M6 11l6-6 6 6" />,
  stop: <rect x="7.5" y="7.5" width="9" height="9" rx="1.5" fill="currentColor" />,
  down: <path d="M12 5v14M6 13l6 6 6-6" />,
  left: <path d="M14.500 6l-6 6 6 6" />,
  right: <path d="M9.500 6l6 6-6 6" />,
  again: <path d="M19 12a7 7 0 1 1-2.200-5.100L19 9M19 4.500V9h-4.500" />,
  swap: <path d="M5 8.500h13l-3.500-3.500M19 15.500H6l3.500 3.500" />,
  copy: (
    <>
      <rect x="9" y="9" width="11" height="11" rx="2" />
      <path d="M15 9V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7a2 2 0 0 0 2 2h3" />
    </>
  ),
  check: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  sun: (
    <>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1.1 1.1M17.3 17.3l1.1 1.1M5.6 18.4l1.1-1.1M17.3 6.7l1.1-1.1" />
    </>
  ),
  moon: <path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z" />,
  exit: (
    <path d="M14 4.5h-7a1.5 1.5 0 0 0-1.5 1.5v12A1.5 1.5 0 0 0 7 19.5h7M10.5 12h10M17 8.5l3.5 3.5-3.5 3.5" />
  ),
  eye: (
    <>
      <path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z" />
      <circle cx="12" cy="12" r="2.8" />
    </>
  ),
  gear: (
    <>
      <path d="M10.0 5.6L10.3 3.2L13.7 3.2L14.0 5.6L15.1 6.1L17.0 4.5L19.5 7.0L17.9 8.9L18.4 10.0L20.8 10.3L20.8 13.7L18.4 14.0L17.9 15.1L19.5 17.0L17.0 19.5L15.1 17.9L14.0 18.4L13.7 20.8L10.3 20.8L10.0 18.4L8.9 17.9L7.0 19.5L4.5 17.0L6.1 15.1L5.6 14.0L3.2 13.7L3.2 10.3L5.6 10.0L6.1 8.9L4.5 7.0L7.0 4.5L8.9 6.1Z" />
      <circle cx="12" cy="12" r="2.8" />
    </>
  ),
  chat: (
    <path d="M5 5h14a1.500 1.500 0 0 1 1.500 1.500v8A1.500 1.500 0 0 1 19 16h-8l-4.500 3.500V16H5a1.500 1.500 0 0 1-1.500-1.500v-8A1.500 1.500 0 0 1 5 5z" />
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7.500V12l3 2" />
    </>
  ),
  print: <path d="M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z" />,
  keyboard: (
    <path d="M3.500 6.500h17v11h-17zM7 10h.01M10.300 10h.01M13.700 10h.01M17 10h.01M8.500 14h7" />
  ),
  user: (
    <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20c1-4 4-5.500 7.500-5.500s6.500 1.500 7.500 5.500" />
  ),
  text: <path d="M5 7V5h14v2M12 5v14M9 19h6" />,
  info: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 11v5M12 8v.2" />
    </>
  ),
  alert: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7.8v5M12 16v.2" />
    </>
  ),
  laptop: (
    <path d="M5 16.500V6.500A1.500 1.500 0 0 1 6.500 5h11A1.500 1.500 0 0 1 19 6.500v10M2.500 19h19" />
  ),
  phone: (
    <>
      <rect x="7" y="2.500" width="10" height="19" rx="2.200" />
      <path d="M11 18.500h2" />
    </>
  ),
  globe: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M3.5 12h17M12 3.5c2.400 2.400 3.600 5.200 3.600 8.5s-1.200 6.100-3.600 8.5c-2.400-2.400-3.600-5.200-3.600-8.5s1.200-6.100 3.600-8.5z" />
    </>
  ),
} as const satisfies Record<string, ComponentChildren>;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    {PATHS[name]}
  </svg>
);

/** Two people talking: the mark of the product. */
export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
    <path
      class="logo-back"
      d="M13 9h12a4 4 0 0 1 4 4v7a4 4 0 0 1-4 4h-.5v4l-5-4H13a4 4 0 0 1-4-4v-7a4 4 0 0 1 4-4z"
    />
    <path
      class="logo-front"
      d="M7 3h11a4 4 0 0 1 4 4v6a4 4 0 0 1-4 4h-5.5l-5 4v-4H7a4 4 0 0 1-4-4V7a4 4 0 0 1 4-4z"
    />
  </svg>
);
