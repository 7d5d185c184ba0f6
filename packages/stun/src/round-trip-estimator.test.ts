import { describe, expect, it } from 'vitest'
import { RoundTripEstimator } from './round-trip-estimator.ts'

describe('RoundTripEstimator', () => {
  it('starts at 500 ms and stays there for a near server', () => {
    const estimator = new RoundTripEstimator()
    expect(estimator.rtoMs(0)).toBe(500)
    estimator.handleRoundTrip(20, 0)
    expect(estimator.rtoMs(0)).toBe(500)
  })

  it('follows RFC 6298 §2.2 and §2.3 for a far one, to the millisecond', () => {
    const estimator = new RoundTripEstimator()
    estimator.handleRoundTrip(401, 0)
    expect(estimator.rtoMs(0)).toBe(401 + 4 * 200.5)
    estimator.handleRoundTrip(601, 10)
    // Variation 3/4·200.5 + 1/4·200, mean 7/8·401 + 1/8·601.
    expect(estimator.rtoMs(10)).toBe(Math.round(426 + 4 * 200.375))
  })

  it('learns nothing from a request that was sent twice', () => {
    const estimator = new RoundTripEstimator()
    estimator.handleRoundTrip(401, 0)
    estimator.handleRoundTrip(undefined, 10)
    expect(estimator.rtoMs(10)).toBe(1203)
  })

  it('forgets after ten minutes without a transaction', () => {
    const estimator = new RoundTripEstimator()
    estimator.handleRoundTrip(401, 0)
    estimator.handleRoundTrip(undefined, 300_000)
    expect(estimator.rtoMs(900_000)).toBe(1203)
    expect(estimator.rtoMs(900_001)).toBe(500)
    estimator.handleRoundTrip(800, 900_002)
    expect(estimator.rtoMs(900_002)).toBe(2400)
  })
})
