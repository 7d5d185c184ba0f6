/** 16 random bytes as base64url (22 characters), chosen by the client for one stay in one room. */
export type MemberId = string

/** Octets of a member id on the wire. */
export const memberIdBytes = 16
