import { audioContext } from './audio-context.ts'

const intervalMs = 80

/**
 * Measures the loudness of `track` about twelve times a second: 0 for silence to 1 for shouting, on a scale that
 * follows the ear. Reports only while the page may use sound. Returns the way to stop.
 */
export function watchLevel(track: MediaStreamTrack, report: (level: number) => void): () => void {
  const context = audioContext()
  if (context === null) return () => {}
  const source = context.createMediaStreamSource(new MediaStream([track]))
  const analyser = context.createAnalyser()
  analyser.fftSize = 512
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  const timer = setInterval(() => {
    if (context.state !== 'running') return
    analyser.getFloatTimeDomainData(samples)
    report(loudness(samples))
  }, intervalMs)
  return () => {
    clearInterval(timer)
    source.disconnect()
  }
}

/** The root mean square of `samples` in decibels, with -60 dB as 0 and -10 dB as 1. */
export function loudness(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  const decibels = 10 * Math.log10(sum / samples.length + 1e-10)
  return Math.min(1, Math.max(0, (decibels + 60) / 50))
}
