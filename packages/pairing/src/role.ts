/**
 * Which side of a pairing this is. The member who was in the room before is CPace's initiator A and leaves tickets; the
 * newcomer is its responder B.
 */
export type Role = 'member' | 'newcomer'
