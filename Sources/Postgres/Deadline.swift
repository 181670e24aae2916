/// The instant by which a call must have an answer. Every wait of the driver has one.
package typealias Deadline = ContinuousClock.Instant

extension Deadline {
    /// An instant this far from now.
    package static func after(_ duration: Duration) -> Deadline { .now + duration }

    /// Nanoseconds since the process first asked, which an atomic can hold: 292 years either way.
    var ticks: Int64 {
        let (seconds, attoseconds) = (self - Self.origin).components
        let (whole, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isBeyond) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        guard isTooFar || isBeyond else { return sum }
        return seconds < 0 ? .min : .max
    }

    private static let origin = ContinuousClock.now
}
