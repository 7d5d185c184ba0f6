import { copy } from '../copy.ts'

/** Whether the page may show notifications; `missing` where the browser has none for pages. */
export type NotificationConsent = NotificationPermission | 'missing'

/** What the person has decided about notifications. */
export function notificationConsent(): NotificationConsent {
  if (typeof Notification === 'undefined' || !isSecureContext) return 'missing'
  return Notification.permission
}

/** Asks for notifications; call it from a press of a button. */
export async function askForNotifications(): Promise<NotificationConsent> {
  try {
    return await Notification.requestPermission()
  } catch {
    return 'missing'
  }
}

/** Tells of a caller while the page is hidden. Returns the way to take it back. */
export function notifyOfCaller(name: string): () => void {
  if (notificationConsent() !== 'granted' || !document.hidden) return () => {}
  try {
    const notification = new Notification(copy.ring.calling(name), {
      body: copy.ring.notification,
      tag: 'crowfly-call',
      requireInteraction: true,
    })
    notification.onclick = () => {
      window.focus()
      notification.close()
    }
    return () => notification.close()
  } catch {
    // Chrome on Android lets only service workers notify.
    return () => {}
  }
}
