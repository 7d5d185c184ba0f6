import { formatRoomLink, formatWordsCode, type RoomCode } from '@crowfly/pairing'

/** Whether both open the same room with the same secret. */
export function isSameCode(one: RoomCode | null, other: RoomCode | null): boolean {
  if (one === null || other === null) return one === other
  return formatRoomLink('', one) === formatRoomLink('', other)
}

/** A code as people read it; of a room with a secret that is no words, the room alone. */
export function readableCode(code: RoomCode): string {
  return code.kind === 'words' ? formatWordsCode(code) : code.nameplate
}
