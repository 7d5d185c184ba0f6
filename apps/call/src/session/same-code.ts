import { formatRoomLink, type RoomCode } from '@crowfly/pairing'

/** Whether both open the same room with the same secret. */
export function isSameCode(one: RoomCode | null, other: RoomCode | null): boolean {
  if (one === null || other === null) return one === other
  return formatRoomLink('', one) === formatRoomLink('', other)
}
