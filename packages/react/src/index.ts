export { useCall } from './use-call.ts'
export { useLocalMedia } from './use-local-media.ts'
export { useMediaElement } from './use-media-element.ts'
export { useSnapshot } from './use-snapshot.ts'
