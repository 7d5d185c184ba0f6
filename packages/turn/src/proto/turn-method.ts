/** The methods that RFC 8656 §17 defines, from IANA's "STUN Methods" registry. */
export const TurnMethod = {
  ALLOCATE: 0x003,
  REFRESH: 0x004,
  SEND: 0x006,
  DATA: 0x007,
  CREATE_PERMISSION: 0x008,
  CHANNEL_BIND: 0x009,
} as const
