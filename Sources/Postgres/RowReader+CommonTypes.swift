package import FoundationEssentials

/// The types that most cells have, by themselves. A generic method that another module calls is not compiled for its types,
/// but looks up their metadata cell by cell: that took an eighth of the time of a search for the nearest twenty.
extension RowReader {
    package mutating func next(_: String.Type = String.self) throws(PostgresError) -> String { try value() }
    package mutating func next(_: Int16.Type = Int16.self) throws(PostgresError) -> Int16 { try value() }
    package mutating func next(_: Int64.Type = Int64.self) throws(PostgresError) -> Int64 { try value() }
    package mutating func next(_: Timestamp.Type = Timestamp.self) throws(PostgresError) -> Timestamp { try value() }
    package mutating func next(_: Double.Type = Double.self) throws(PostgresError) -> Double { try value() }
    package mutating func next(_: Bool.Type = Bool.self) throws(PostgresError) -> Bool { try value() }
    package mutating func next(_: UUID.Type = UUID.self) throws(PostgresError) -> UUID { try value() }
    package mutating func next(_: JSONText.Type = JSONText.self) throws(PostgresError) -> JSONText { try value() }
    package mutating func next(_: TextBytes.Type = TextBytes.self) throws(PostgresError) -> TextBytes { try value() }

    package mutating func nextIfPresent(_: String.Type = String.self) throws(PostgresError) -> String? {
        try valueIfPresent()
    }
    package mutating func nextIfPresent(_: Double.Type = Double.self) throws(PostgresError) -> Double? {
        try valueIfPresent()
    }
    package mutating func nextIfPresent(_: UUID.Type = UUID.self) throws(PostgresError) -> UUID? {
        try valueIfPresent()
    }
}
