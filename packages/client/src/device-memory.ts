/** The devices that were chosen last, by id. */
export interface DeviceIds {
  readonly microphone: string | null
  readonly camera: string | null
  readonly speaker: string | null
}

/** The two calls of `Storage` that the SDK uses. */
export type KeyValueStorage = Pick<Storage, 'getItem' | 'setItem'>

const STORAGE_KEY = 'crowfly.devices'
const MAX_ID_LENGTH = 512

/** Remembers the chosen devices from one visit to the next. Without a storage, or with a full one, forgets. */
export class DeviceMemory {
  readonly #storage: KeyValueStorage | null
  #ids: DeviceIds

  constructor(storage: KeyValueStorage | null) {
    this.#storage = storage
    this.#ids = parseDeviceIds(readItem(storage))
  }

  get ids(): DeviceIds {
    return this.#ids
  }

  remember(changes: Partial<DeviceIds>): void {
    this.#ids = { ...this.#ids, ...changes }
    try {
      this.#storage?.setItem(STORAGE_KEY, JSON.stringify(this.#ids))
    } catch {
      // A full or forbidden storage costs the memory of a choice, nothing else.
    }
  }
}

function readItem(storage: KeyValueStorage | null): string | null {
  try {
    return storage?.getItem(STORAGE_KEY) ?? null
  } catch {
    return null
  }
}

function parseDeviceIds(text: string | null): DeviceIds {
  const none: DeviceIds = { microphone: null, camera: null, speaker: null }
  if (text === null) return none
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return none
    return {
      microphone: deviceId(value, 'microphone'),
      camera: deviceId(value, 'camera'),
      speaker: deviceId(value, 'speaker'),
    }
  } catch {
    return none
  }
}

function deviceId(value: object, key: keyof DeviceIds): string | null {
  const id: unknown = Reflect.get(value, key)
  return typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH ? id : null
}
