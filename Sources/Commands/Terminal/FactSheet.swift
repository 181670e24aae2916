/// Facts under each other, each behind its label.
package struct FactSheet {
    private var facts: [(label: String, values: [String])] = []

    package init() {}

    /// Adds a fact, unless there is nothing to say.
    package mutating func add(_ label: String, _ value: String) { add(label, value.isEmpty ? [] : [value]) }

    /// Adds a fact of several values, one a line.
    package mutating func add(_ label: String, _ values: [String]) {
        guard !values.isEmpty else { return }
        facts.append((label, values))
    }

    /// The sheet without a line break at its end.
    package var text: String {
        let width = facts.reduce(0) { max($0, $1.label.displayWidth) }
        return facts.flatMap { fact in
            fact.values.enumerated().map { index, value in
                (index == 0 ? fact.label : "").padded(to: width) + "  " + value
            }
        }.joined(separator: "\n")
    }
}
