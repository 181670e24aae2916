import Testing

@testable import Commands

@Suite("Waits")
struct LatencyHistogramTests {
    @Test("A quantile is within 4 % of the exact one, over nine orders of magnitude")
    func quantiles() {
        var histogram = LatencyHistogram()
        var exact: [Int64] = []
        var wait = 1.0
        while wait < 1e10 {
            histogram.add(Int64(wait))
            exact.append(Int64(wait))
            wait *= 1.003
        }
        for part in [0.001, 0.1, 0.5, 0.9, 0.99, 1] {
            let rank = max(1, Int((part * Double(exact.count)).rounded(.up)))
            let expected = Double(exact[rank - 1])
            let found = Double(histogram.quantile(part) ?? -1)
            #expect(abs(found - expected) <= max(1, expected * 0.04), "\(part): \(found), not \(expected)")
        }
        #expect(histogram.maximum == exact.last)
        #expect(histogram.count == exact.count)
    }

    @Test("Without waits there is none, one alone is all of them, and a clock that steps back counts as none")
    func edges() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        histogram.add(31)
        #expect(histogram.quantile(0) == 31 && histogram.quantile(1) == 31)
        histogram.add(-5)
        #expect(histogram.quantile(0.5) == 0)
        histogram.add(.max)
        #expect(histogram.quantile(1) ?? 0 > .max / 20 * 19)
    }
}
