export { useMediaElement } from './use-media-element.ts'
export { useSnapshot } from './use-snapshot.ts'
