/// The results of the rounds of one contender.
struct Figures: Sendable {
    private(set) var rounds: [Double] = []

    mutating func add(_ value: Double) { rounds.append(value) }

    /// The middle one, which a round that something else disturbed does not move.
    var median: Double {
        guard !rounds.isEmpty else { return 0 }
        let sorted = rounds.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// As JSON, with the rounds, so that their spread can be seen.
    func json(_ name: String) -> JSONValue {
        .object([
            JSONValue.Member(name: name, value: .fraction(median.rounded())),
            JSONValue.Member(name: "rounds", value: .array(rounds.map { .fraction($0.rounded()) })),
        ])
    }
}
