import type { RefusalCode } from '@crowfly/signaling'
import type { EndReason } from './snapshot.ts'

/** What a server's refusal means for the call. */
export const endOfRefusal: Readonly<Record<RefusalCode, EndReason>> = {
  unknownNameplate: 'unknownCode',
  nobodyThere: 'nobodyThere',
  roomFull: 'roomFull',
  tooManyTries: 'tooManyTries',
  serverFull: 'serverFull',
  incompatibleServer: 'incompatibleServer',
  malformed: 'malformedCode',
  notAllowed: 'notAllowed',
}
