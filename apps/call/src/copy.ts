import type { CallNotice, EndReason, JoinOptions, MediaProblem, PeerPath } from '@crowfly/client'

/** What a dead end offers, each with a button of its own. */
export type EndAction = 'callAgain' | 'tryAgain' | 'waitHere' | 'changeCode' | 'newCall' | 'home' | 'reload'

/** One dead end: what happened, what it means and what to do, the first action being the likeliest. */
export interface EndWords {
  readonly title: string
  readonly body: string
  readonly actions: readonly EndAction[]
}

/** The words for each way a call ends. */
export const endWords: Readonly<Record<EndReason, EndWords>> = {
  left: {
    title: 'You left the call',
    body: 'Your camera and microphone are off.',
    actions: ['callAgain', 'newCall', 'home'],
  },
  declined: {
    title: 'Your call was declined',
    body: 'Somebody is there, but cannot talk now. Write to them first, or try again in a while.',
    actions: ['callAgain', 'home'],
  },
  noAnswer: {
    title: 'No answer',
    body: 'It rang at the other side and nobody picked up. They may be away from their screen.',
    actions: ['callAgain', 'home'],
  },
  unknownCode: {
    title: 'There is no such code',
    body: 'This server does not know the code. One wrong letter is enough, and a code ends some time after everybody has left. Check it, or ask for a new one.',
    actions: ['changeCode', 'newCall'],
  },
  malformedCode: {
    title: 'That is not a code',
    body: 'A code has ten letters and digits, like k7qf2-x9m4d. Check what you were sent.',
    actions: ['changeCode', 'newCall'],
  },
  nobodyThere: {
    title: 'Nobody is there',
    body: 'The code is right, but nobody is waiting under it. Wait here, and this page rings when they come.',
    actions: ['waitHere', 'tryAgain', 'home'],
  },
  roomFull: {
    title: 'This call is full',
    body: 'It already has as many people as this server allows. Try again when somebody has left.',
    actions: ['tryAgain', 'home'],
  },
  tooManyTries: {
    title: 'Too many tries',
    body: 'So that nobody can guess codes, this server limits how often one network may try.',
    actions: ['tryAgain', 'home'],
  },
  serverFull: {
    title: 'The server is full',
    body: 'It already serves as many people as it was set up for. Nothing is wrong with your code: try again in a while.',
    actions: ['tryAgain', 'home'],
  },
  serverUnreachable: {
    title: 'The server does not answer',
    body: 'This page could not reach its server. Your network may be down, or the server may be stopped.',
    actions: ['tryAgain', 'home'],
  },
  incompatibleServer: {
    title: 'This page and the server do not match',
    body: 'The server was updated after this page was opened. Reload the page to get the version that fits.',
    actions: ['reload', 'home'],
  },
  webRtcMissing: {
    title: 'This browser cannot make calls',
    body: 'WebRTC, which carries sound and picture between browsers, is missing or switched off here. Open this address in a current Firefox, Chrome, Edge or Safari.',
    actions: ['reload'],
  },
}

/** The words for `tooManyTries` where no code was tried. */
const tooManyStarts: EndWords = {
  title: 'Too many new calls',
  body: 'This server limits how many calls may be started from one network in an hour.',
  actions: ['tryAgain', 'home'],
}

/** The words for an end of what was begun by starting a call or by joining one. */
export function wordsOfEnd(reason: EndReason, begunBy: JoinOptions['room']['kind']): EndWords {
  return reason === 'tooManyTries' && begunBy === 'create' ? tooManyStarts : endWords[reason]
}

/** The button texts of the dead ends. */
export const endActionLabel: Readonly<Record<EndAction, string>> = {
  callAgain: 'Call again',
  tryAgain: 'Try again',
  waitHere: 'Wait here',
  changeCode: 'Change the code',
  newCall: 'New call',
  home: 'Home',
  reload: 'Reload the page',
}

/** What a problem is about. */
export type Device = 'camera' | 'microphone' | 'both'

const deviceWords: Readonly<Record<Device, { one: string; it: string }>> = {
  camera: { one: 'camera', it: 'it' },
  microphone: { one: 'microphone', it: 'it' },
  both: { one: 'camera and microphone', it: 'them' },
}

/** What to say of a camera or microphone that did not start. */
export function mediaProblemWords(
  problem: MediaProblem,
  device: Device,
): { readonly title: string; readonly body: string } {
  const { one, it } = deviceWords[device]
  switch (problem) {
    case 'insecureContext':
      return {
        title: `Your ${one} ${device === 'both' ? 'need' : 'needs'} the secure address`,
        body: 'Browsers give out cameras and microphones only on https pages. This page was opened over http.',
      }
    case 'denied':
      return {
        title: `Your ${one} ${device === 'both' ? 'are' : 'is'} blocked`,
        body: `The browser or the system does not let this page use ${it}. Press the sign beside the address, allow ${it} there, then try again.`,
      }
    case 'dismissed':
      return {
        title: 'The browser’s question was closed',
        body: `Nothing was decided about your ${one}. Try again and choose Allow, or go on without.`,
      }
    case 'notFound':
      return {
        title: device === 'both' ? 'No camera and no microphone found' : `No ${one} found`,
        body: `Connect one and try again, or go on without: you will still see and hear the others.`,
      }
    case 'inUse':
      return {
        title: `Your ${one} did not start`,
        body: `Another program or tab is probably using ${it}. Close that, then try again.`,
      }
    case 'unsupported':
      return {
        title: `This browser offers no ${one}`,
        body: 'You can go on without, and see and hear the others.',
      }
    case 'ended':
      return {
        title: `Your ${one} went away`,
        body: `It was unplugged, or the system stopped ${it}. Connect it again, then try again.`,
      }
  }
}

/** What to say when sharing the screen did not start. */
export function screenProblemWords(problem: MediaProblem): string | null {
  switch (problem) {
    case 'dismissed':
    case 'ended':
      return null
    case 'denied':
      return 'Your screen is not shared: the browser or the system does not allow it.'
    case 'insecureContext':
      return 'Your screen can be shared only from the https address.'
    case 'notFound':
    case 'inUse':
    case 'unsupported':
      return 'Your screen could not be captured.'
  }
}

/** The name shown for somebody who gave none. */
export function shownName(name: string): string {
  const trimmed = name.trim()
  return trimmed === '' ? 'Guest' : trimmed
}

/** The line for something that happened. Null for what the screen shows anyway. */
export function noticeWords(notice: Pick<CallNotice, 'kind' | 'name'>): string | null {
  const name = notice.name.trim()
  switch (notice.kind) {
    case 'peerJoined':
      return `${shownName(name)} joined`
    case 'peerLeft':
      return `${shownName(name)} left`
    case 'missedCall':
      return name === '' ? 'Somebody called and gave up' : `${name} called and gave up`
    case 'callAgain':
      return `${shownName(name)} calls again`
    case 'serverLost':
      return 'Connection to the server lost. The call goes on.'
    case 'serverBack':
      return 'Connected to the server again.'
    case 'serverStopping':
      return 'The server has stopped. The call goes on.'
  }
}

/** How packets travel, in a few words. */
export function pathWords(path: PeerPath): string {
  if (path.kind === 'relay') return 'through a relay'
  return path.isLocal ? 'direct, same network' : 'direct'
}

/** What the path means, in a sentence. */
export function pathMeaning(path: PeerPath): string {
  if (path.kind === 'relay') {
    return 'The networks in between block direct calls, so a relay passes sound and picture on.'
  }
  return path.isLocal
    ? 'Sound and picture stay inside your network.'
    : 'Sound and picture go straight between your browsers.'
}

/** How many people are in a call. */
export function peopleWords(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}

/** All other texts. */
export const copy = {
  appName: 'Crowfly',
  tagline:
    'This server introduces you. Sound and picture go straight between browsers; where they cannot, its relay passes them on.',
  home: {
    startCall: 'Start a call',
    orCode: 'or enter a code',
    connect: 'Connect',
    code: 'Code',
    codePlaceholder: 'k7qf2-x9m4d',
    name: 'Your name',
    namePlaceholder: 'How the others see you',
  },
  code: {
    more: (count: number) => (count === 1 ? 'One more character' : `${count} more characters`),
    tooLong: 'That is longer than a code. A code has ten letters and digits.',
    letterU: 'The letter u is in no code. Is it a v?',
    character: (character: string) => `“${character}” is in no code.`,
    otherLink: 'This link has no code at its end.',
    brokenLink: 'This link holds no whole code. Ask for the link again, or enter the code here.',
    none: 'Enter the code that you were sent.',
  },
  devices: {
    preview: 'Your camera',
    ask: 'Let the others see and hear you',
    askBody:
      'The browser will ask about your camera and microphone. Nobody sees or hears you until a call begins.',
    allow: 'Allow camera and microphone',
    withoutThem: 'Go on without',
    starting: 'Waiting for the browser’s answer…',
    cameraOff: 'Your camera is off',
    camera: 'Camera',
    microphone: 'Microphone',
    speaker: 'Speaker',
    systemDefault: 'System default',
    noCamera: 'No camera',
    noMicrophone: 'No microphone',
    testSound: 'Play a test sound',
    tryAgain: 'Try again',
    openSecure: 'Open the https address',
    level: 'Microphone level',
  },
  wait: {
    first: 'Nobody here yet',
    firstBody: 'Send the code or the link. This page rings when somebody comes.',
    left: 'Everybody left',
    leftNamed: (name: string) => `${name} left`,
    lostBody: 'This page cannot ring until the server is back. Leave it open, and the code works again then.',
    leftBody: 'The code stays yours while this page is open. Who comes back rings here.',
    copyCode: 'Copy code',
    copyLink: 'Copy link',
    copied: 'Copied',
    copyFailed: 'Copying is blocked. Select the text instead.',
    share: 'Share',
    shareText: 'Call me on Crowfly',
    qr: 'QR code of the link',
    qrHint: 'Scan to join from a phone',
    notify: 'Tell me when someone calls',
    notifyOn: 'You will be told when someone calls',
    notifyDenied: 'Notifications are blocked for this page',
    codeLabel: 'Your code',
    cancel: 'Leave',
  },
  ring: {
    calling: (name: string) => (name.trim() === '' ? 'Someone is calling' : `${name.trim()} is calling`),
    nameless: 'They gave no name.',
    accept: 'Accept',
    decline: 'Decline',
    seenBy: 'If you accept, they see and hear what your preview shows.',
    seenByMuted: 'If you accept, they will not hear you: your microphone is off.',
    title: (name: string) => `${name.trim() === '' ? 'Someone' : name.trim()} is calling`,
    notification: 'Open the page to accept or decline.',
  },
  calling: {
    gettingCode: 'Getting a code',
    connecting: 'Connecting',
    connectingBody: 'Reaching the other side.',
    ringing: 'Ringing',
    ringingBody: 'Waiting for somebody to accept.',
    cancel: 'Cancel',
  },
  ended: {
    lasted: (duration: string) => `It lasted ${duration}.`,
    again: (duration: string) => `You can try again in ${duration}.`,
    againNow: 'You can try again now.',
  },
  call: {
    mute: 'Mute microphone',
    unmute: 'Unmute microphone',
    cameraOff: 'Turn camera off',
    cameraOn: 'Turn camera on',
    share: 'Share screen',
    stopSharing: 'Stop sharing',
    sharing: 'You are sharing your screen',
    chat: 'Chat',
    chatUnread: (count: number) => `Chat, ${count} unread`,
    more: 'More',
    leave: 'Leave',
    controls: 'Call controls',
    status: 'Call status',
    you: 'You',
    muted: (name: string) => `${name} is muted`,
    noMicrophone: (name: string) => `${name} has no microphone`,
    screenOf: (name: string) => `${name}’s screen`,
    screenLabel: (name: string) => `${name}'s screen`,
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    failed: (name: string) =>
      `No way to ${name} found yet, neither direct nor through the relay. Still trying…`,
    failedMeaning:
      'A network in between blocks calls, even by way of this server. Another network on either side helps, such as a phone’s hotspot.',
    brokenPath: 'no way found yet',
    away: 'Away from the server',
    tapToHear: 'Tap to hear',
    tapBody: 'The browser blocks sound until you do.',
    serverLostWaiting: 'Connection to the server lost. Coming back by itself.',
    serverStoppedWaiting: 'The server has stopped. This page connects again when it is back.',
    notices: 'What happened',
    connection: 'Connection',
    noPath: 'finding a path',
  },
  chat: {
    title: 'Chat',
    messages: 'Messages',
    field: 'Message',
    placeholder: 'Write to everybody',
    send: 'Send',
    close: 'Close chat',
    empty: 'No messages yet',
    emptyBody: 'They go to the people in this call and end with it.',
    alone: 'Nobody is here to read it.',
    you: 'You',
  },
  more: {
    devices: 'Devices',
    copyLink: 'Copy link',
    linkCopied: 'Link copied',
    fullScreen: 'Full screen',
    exitFullScreen: 'Leave full screen',
    theme: 'Theme',
    system: 'System',
    light: 'Light',
    dark: 'Dark',
    shortcuts: 'Keyboard shortcuts',
    close: 'Close',
  },
  shortcuts: {
    title: 'Keyboard shortcuts',
    use: 'Use single keys',
    useHint: 'Never while you are typing.',
    microphone: 'Microphone',
    camera: 'Camera',
    screen: 'Share screen',
    chat: 'Chat',
    fullScreen: 'Full screen',
  },
} as const
