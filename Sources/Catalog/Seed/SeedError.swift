/// One thing that is wrong with a seed file.
package struct SeedProblem: Sendable, Equatable, CustomStringConvertible {
    package let file: String
    /// From 1; the header is line 1.
    package let line: Int
    /// `nil` where the whole line is wrong.
    package let column: String?
    package let reason: String

    package var description: String { "\(file):\(line): \(column.map { "\($0): " } ?? "")\(reason)" }
}

/// Why a seed was not loaded. Nothing of it is in the database.
package enum SeedError: Error, Sendable, CustomStringConvertible {
    /// A file can't be read; the reason is the system's.
    case unreadable(file: String, reason: String)
    /// Every problem found, in the order of the files.
    case problems([SeedProblem])

    /// More than this many lines help nobody.
    private static let shown = 20

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): return "\(file) can't be read: \(reason)"
        case .problems(let problems):
            let count = problems.count == 1 ? "a problem" : "\(problems.count) problems"
            var lines = ["the seed has \(count); nothing was written."]
            lines += problems.prefix(Self.shown).map(\.description)
            if problems.count > Self.shown { lines.append("… and \(problems.count - Self.shown) more") }
            return lines.joined(separator: "\n")
        }
    }
}
