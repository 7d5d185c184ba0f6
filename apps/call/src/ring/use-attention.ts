import type { CallerSnapshot, CallSnapshot } from '@crowfly/client'
import { useEffect } from 'react'
import { copy, shownName } from '../copy.ts'
import { ringbackNotes, ringNotes } from '../sound/tone.ts'
import iconUrl from '../styles/icon.svg'
import ringingIconUrl from '../styles/icon-ringing.svg'
import { notifyOfCaller } from './caller-notification.ts'
import { useRepeatedNotes } from './use-repeated-notes.ts'

const ringEveryMs = 3200
const ringbackEveryMs = 3600
const titleEveryMs = 1200

/** Everything outside the page's own area that says what the call does: sound, title, icon, notification. */
export function useAttention(snapshot: CallSnapshot): void {
  const caller = snapshot.callers[0]
  const { status } = snapshot
  useRepeatedNotes(ringNotes, ringEveryMs, caller !== undefined && status.phase === 'waiting')
  useRepeatedNotes(ringbackNotes, ringbackEveryMs, status.phase === 'calling' && status.ringing)
  usePageTitle(caller === undefined ? null : copy.ring.title(caller.name), quietTitle(snapshot))
  useCallerSigns(caller)
}

/** The title while nobody rings; of the code it shows what the server knows as well. */
export function quietTitle(snapshot: Pick<CallSnapshot, 'status' | 'code' | 'peers'>): string {
  switch (snapshot.status.phase) {
    case 'waiting':
      return snapshot.code === null ? copy.appName : `${snapshot.code.nameplate} · ${copy.appName}`
    case 'calling':
      return `${copy.calling.ringing} · ${copy.appName}`
    case 'inCall':
      return `${snapshot.peers.map((peer) => shownName(peer.name)).join(', ')} · ${copy.appName}`
    case 'connecting':
    case 'ended':
      return copy.appName
  }
}

/** Shows `urgent` and `quiet` in turns while there is something urgent. */
function usePageTitle(urgent: string | null, quiet: string): void {
  useEffect(() => {
    document.title = urgent ?? quiet
    if (urgent === null) return
    const timer = setInterval(() => {
      document.title = document.title === urgent ? quiet : urgent
    }, titleEveryMs)
    return () => {
      clearInterval(timer)
      document.title = quiet
    }
  }, [urgent, quiet])
  useEffect(
    () => () => {
      document.title = copy.appName
    },
    [],
  )
}

function useCallerSigns(caller: CallerSnapshot | undefined): void {
  const id = caller?.id
  const name = caller?.name
  useEffect(() => {
    if (id === undefined || name === undefined) return
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon !== null) icon.href = ringingIconUrl
    const takeBack = notifyOfCaller(name)
    return () => {
      takeBack()
      if (icon !== null) icon.href = iconUrl
    }
  }, [id, name])
}
