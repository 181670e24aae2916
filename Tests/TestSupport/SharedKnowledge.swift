import Catalog
import FoundationEssentials
package import Testing

/// The cases that stand beside the project in `../shared`, or where `AMENITY_SHARED` says. Not a part of it: tests that
/// need them skip where they are missing.
package enum SharedKnowledge {
    private static let folder: URL = {
        if let named = ProcessInfo.processInfo.environment["AMENITY_SHARED"], !named.isEmpty {
            return URL(filePath: named, directoryHint: .isDirectory)
        }
        return root.deletingLastPathComponent().appending(path: "shared")
    }()

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package static func has(_ file: String) -> Bool {
        FileManager.default.isReadableFile(atPath: folder.appending(path: file).path(percentEncoded: false))
    }

    /// The rows of a CSV file by column.
    package static func rows(_ file: String) throws -> [[String: String]] { try rows(of: folder.appending(path: file)) }

    /// The rows of a CSV file of the project's own by column, such as `Tests/Cases/opening_hours.csv`.
    package static func ownRows(_ file: String) throws -> [[String: String]] {
        try rows(of: root.appending(path: file))
    }

    private static func rows(of file: URL) throws -> [[String: String]] {
        var parser = CSVParser()
        let records = try parser.push(try Data(contentsOf: file)) + parser.finish()
        guard let header = records.first?.fields else { return [] }
        return records.dropFirst().map { record in
            Dictionary(zip(header, record.fields)) { first, _ in first }
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips what needs a file of `../shared` where it is missing.
    package static func needsShared(_ file: String) -> ConditionTrait {
        .enabled(if: SharedKnowledge.has(file), "../shared/\(file) is not there; AMENITY_SHARED may name the folder")
    }
}
