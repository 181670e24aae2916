@testable import Commands

extension LatencyHistogram {
    /// The middle, the 99th percentile and the longest, in milliseconds, for a report; no test asserts them.
    var milliseconds: String {
        [quantile(0.5) ?? 0, quantile(0.99) ?? 0, maximum].map { (Double($0) / 1e6).shortText }
            .joined(separator: ", ")
    }
}
