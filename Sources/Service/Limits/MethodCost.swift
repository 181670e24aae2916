/// What calls cost, in the unit of a look-up of one row.
enum MethodCost {
    static let failure = 2
    static let parseError = 10
    /// Each so many bytes in or out cost one more.
    static let bytes = 5000
    /// What a search costs more that also counts facets.
    static let facets = 2

    /// The cost of a method by its name. What waits for nothing costs nothing but its bytes.
    static func of(_ entry: MethodEntry) -> Int {
        switch entry.action {
        case .local, .connection: 0
        case .remote: costs[entry.name] ?? (entry.name.hasPrefix("reports.") ? 50 : 1)
        }
    }

    /// Those that cost more or less than one. A test holds the names against the methods there are.
    static let costs = [
        "system.health": 0, "auth.whoami": 0, "auth.logout": 0, "taxonomy.list": 4, "amenities.search": 2,
        "requests.submit": 2, "feedback.submit": 2, "jobs.list": 4, "queue.status": 4,
    ]

    /// How much of the line of running calls a call takes: none for what has to be answered even when that is full, and of
    /// what keeps the database busy for long so much that only a few of them run at once.
    static func weight(of entry: MethodEntry) -> Int {
        switch entry.name {
        case "system.health": 0
        case "taxonomy.list": heaviest
        default: min(max(1, of(entry)), heaviest)
        }
    }

    private static let heaviest = 16
}
