export { BindingServer, type BindingServerEvent, type BindingServerOptions } from './binding-server.ts'
export {
  type Frame,
  type FramingFault,
  StunStreamFramer,
  type StunStreamFramerOptions,
} from './stream-framer.ts'
