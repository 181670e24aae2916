/// How many waits took how long, to about 3 %: 32 steps between one power of two and the next, so that millions of waits
/// take no more memory than a few.
struct LatencyHistogram {
    private var counts = [Int](repeating: 0, count: 64 * 32)
    private(set) var count = 0
    /// Nanoseconds, exact.
    private(set) var maximum: Int64 = 0

    /// Counts one wait, in nanoseconds.
    mutating func add(_ wait: Int64) {
        let wait = max(0, wait)
        counts[Self.place(wait)] += 1
        count += 1
        maximum = max(maximum, wait)
    }

    /// The wait in nanoseconds that a part of all waits does not exceed, as the middle of its step; `nil` without any.
    ///
    /// - Parameter part: 0.99 for the 99th percentile.
    func quantile(_ part: Double) -> Int64? {
        guard count > 0 else { return nil }
        var left = max(1, Int((part * Double(count)).rounded(.up)))
        for (place, number) in counts.enumerated() where number > 0 {
            left -= number
            if left <= 0 { return min(Self.middle(place), maximum) }
        }
        return maximum
    }

    private static func place(_ wait: Int64) -> Int {
        guard wait >= 32 else { return Int(wait) }
        let shift = 58 - wait.leadingZeroBitCount
        return (shift + 1) << 5 | Int(wait >> shift) & 31
    }

    private static func middle(_ place: Int) -> Int64 {
        guard place >= 32 else { return Int64(place) }
        let shift = place >> 5 - 1
        return Int64(32 | place & 31) << shift + (1 << shift) / 2
    }
}
