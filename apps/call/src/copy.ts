import type { CallNotice, EndReason, MediaProblem, PeerPath, PeerSnapshot } from '@crowfly/client'
import type { RoomCodeProblem } from '@crowfly/pairing'

/** What a dead end offers, each with a button of its own. */
export type EndAction =
  | 'callAgain'
  | 'tryAgain'
  | 'waitHere'
  | 'changeCode'
  | 'otherCode'
  | 'newCall'
  | 'home'
  | 'reload'

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
    body: 'Nobody picked up. They may be away from their screen, or their page may be asleep.',
    actions: ['callAgain', 'home'],
  },
  unknownCode: {
    title: 'There is no such room',
    body: 'This server does not know the number of the code. One wrong digit is enough, and a room ends some time after everybody has left. Check it, or ask for a new code.',
    actions: ['changeCode', 'newCall'],
  },
  malformedCode: {
    title: 'The server does not know such codes',
    body: 'It took the number of this code for none of its own. Check what you were sent, or ask for a new code.',
    actions: ['changeCode', 'newCall'],
  },
  wrongCode: {
    title: 'Wrong code, or the server refuses',
    body: 'Whoever is there did not accept this code, or the server keeps you apart: from here the two look the same. Check each word, or ask for the code again.',
    actions: ['changeCode', 'tryAgain', 'newCall'],
  },
  roomClosed: {
    title: 'This code is closed',
    body: 'Too many wrong codes were tried there, so nobody new is let in. Ask the people inside for a new code.',
    actions: ['otherCode', 'newCall'],
  },
  notAllowed: {
    title: 'You are not let in',
    body: 'This server asks an application who may enter, and the answer was no. Ask whoever invited you.',
    actions: ['tryAgain', 'home'],
  },
  nobodyThere: {
    title: 'Nobody is there',
    body: 'The room exists, but nobody is in it who could check the rest of the code. Wait here, and this page rings when somebody comes with the same code.',
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
export function wordsOfEnd(reason: EndReason, begunBy: 'create' | 'join'): EndWords {
  return reason === 'tooManyTries' && begunBy === 'create' ? tooManyStarts : endWords[reason]
}

/** The button texts of the dead ends. */
export const endActionLabel: Readonly<Record<EndAction, string>> = {
  callAgain: 'Call again',
  tryAgain: 'Try again',
  waitHere: 'Wait here',
  changeCode: 'Change the code',
  otherCode: 'Enter another code',
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
    case 'memberHidden':
      return `${shownName(name)} sees somebody here whom you do not see: the server may keep you apart. Ask who it is.`
    case 'peerUnproven':
      return `${shownName(name)} was cut off: the connection did not prove that nobody sits between you. If that happens again, make a new code.`
  }
}

/** Where a code came from that does not work: typed, out of a link, or a room of one's own. */
export type CodeOrigin = 'typed' | 'link' | 'own'

/** What is wrong with a code, and what to do. */
export function codeProblemWords(problem: RoomCodeProblem, origin: CodeOrigin): string {
  switch (problem.problem) {
    case 'empty':
      return 'Enter the code that you were sent.'
    case 'tooLong':
      return 'That is too long for a code or a link.'
    case 'missingNameplate':
      if (origin === 'own') return 'Give the room a name.'
      return origin === 'link'
        ? 'This link leads to no room. Ask for it again.'
        : 'A code begins with its number, such as 4821.'
    case 'badNameplate':
      if (origin === 'own') return 'A name has letters, digits and spaces.'
      return origin === 'link'
        ? 'This link leads to no room. Ask for it again.'
        : 'The number at the beginning has four to nine digits.'
    case 'onlyNameplate':
      return 'The three words after the number are missing.'
    case 'linkWithoutSecret':
      if (origin === 'own') return 'This link came without its secret. Enter the one that you agreed on.'
      return 'This link has lost its end, with the secret. Copy it again as a whole, or add the words here.'
    case 'emptySecret':
      return origin === 'own'
        ? 'Enter the secret that you agreed on.'
        : 'This link has lost what stood behind its #. Copy it again as a whole, or add the words here.'
    case 'badSecret':
      return 'What stands behind the # of this link is no secret. Copy it again as a whole.'
    case 'tooManyWords':
      return 'A code has three words. These are more.'
    case 'missingWords':
      return problem.count === 1 ? 'Two words are missing.' : 'One word is missing.'
    case 'unknownWord':
      return problem.suggestions.length === 0
        ? `“${problem.word}” is no word of a code. Check how it is spelled.`
        : `“${problem.word}” is no word of a code. Did you mean one of these?`
    case 'nameWithoutLetter':
      return 'The name needs a letter: numbers alone come from the server.'
    case 'nameTooLong':
      return 'The name can have 64 characters at most.'
    case 'secretTooShort':
      return 'The secret needs ten characters or more.'
    case 'secretTooLong':
      return 'The secret can have 256 characters at most.'
    case 'secretNotAllowed':
      return 'The secret has a character that cannot be seen. Type it instead of pasting it.'
  }
}

/** What may be said of how a call, or the connection with one person, is protected. */
export function trustWords(trust: PeerSnapshot['trust']): string {
  switch (trust) {
    case 'pending':
      return 'Making sure that nobody sits between you'
    case 'server':
      return 'The server says who is here'
    case 'code':
      return 'End-to-end encrypted: only people with this code'
    case 'verified':
      return 'Verified'
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
    codePlaceholder: '4821 canoe velvet maple',
    name: 'Your name',
    namePlaceholder: 'How the others see you',
  },
  code: {
    wordsLeft: (count: number) =>
      count === 3 ? 'Three words follow.' : count === 2 ? 'Two more words.' : 'One more word.',
    readAs: (code: string) => `Read as ${code}`,
    suggestions: 'Words of the code',
    none: 'Enter the code that you were sent.',
    example: (problem: string) => `${problem} A code looks like 4821 canoe velvet maple.`,
    secretInLink: 'The secret came with the link.',
    room: (name: string) => `Room ${name}`,
    another: 'Enter another code',
    useOwn: 'Use your own room name',
    useCode: 'Enter a code instead',
  },
  own: {
    name: 'Room name',
    namePlaceholder: 'book club',
    secret: 'Secret',
    weaker:
      'Weaker than a code: what people make up is easier to guess than words that are drawn. Use ten characters or more.',
    enter: 'Enter the room',
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
    ownBody: 'Whoever enters the same name and secret, or opens the link, rings here.',
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
    ownSecret: 'and the secret that you chose',
    linkOnly: 'This room opens by its link only.',
    closed: 'This code is closed',
    closedBody:
      'Too many wrong codes were tried here, so nobody new is let in. Nobody is in this room but you: make a new code and send that.',
    newCode: 'Make a new code',
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
  trust: {
    appFrom: (host: string) => `App code from ${host}`,
    appMeaning:
      'Whoever runs that server decides what this page does. A server of somebody you trust is the best place to open it.',
    protection: 'Protection',
    pendingMeaning: 'Sound and picture go on meanwhile. Chat waits.',
    serverMeaning: 'It could put itself between you. Compare emoji to be sure that it does not.',
    codeMeaning: 'The server passes on what it cannot read.',
    verifiedMeaning: 'You compared emoji with everybody here.',
    verified: (name: string) => `${name} is verified`,
    compare: 'Compare emoji',
    emoji: 'Emoji',
    compareWith: (name: string) => `Compare emoji with ${name}`,
    emojiWith: (name: string) => `Emoji with ${name}`,
    aloud: (name: string) =>
      `Compare these aloud with ${name}. Both of you should see the same seven, in this order.`,
    protects:
      'If they match, nobody sits between you. That holds even against somebody who got the code and controls the server.',
    match: 'They match',
    differ: 'They differ',
    unmark: 'Take the mark away',
    differTitle: 'Hang up',
    differBody: (name: string) =>
      `Unless one of you misread them, somebody sits between you and ${name} and can see and hear this. Hang up, make a new code, and send it in another way than before.`,
    hangUpNewCode: 'Hang up and make a new code',
    compareAgain: 'Compare again',
    notYet: (name: string) => `The connection with ${name} has not been proven yet. The emoji follow then.`,
    guessing: 'Someone is trying codes. You are safe: after too many wrong ones nobody new is let in.',
    closed: 'Too many wrong codes were tried. Those in this call stay, and nobody new is let in.',
    newCode: 'Make a new code',
    hideNotice: 'Hide this notice',
    newCodeTitle: 'Make a new code?',
    newCodeBody:
      'You leave this call and wait under the new code. The others stay with each other until you send it to them: tell them first that it will come.',
    leaveAndMake: 'Leave and make a new code',
    stay: 'Stay',
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
    pending: 'Chat opens as soon as the connection is proven.',
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
