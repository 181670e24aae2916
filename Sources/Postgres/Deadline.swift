/// The instant by which a call must have an answer. Every wait of the driver has one.
package typealias Deadline = ContinuousClock.Instant

extension Deadline {
    /// An instant this far from now.
    package static func after(_ duration: Duration) -> Deadline { .now + duration }

    /// Nanoseconds since the process first asked, which an atomic can hold.
    var ticks: Int64 {
        let (seconds, attoseconds) = (self - Self.origin).components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }

    private static let origin = ContinuousClock.now
}
