/// One method, ready to be dispatched to.
struct MethodEntry: Sendable {
    enum Action: Sendable {
        case local(@Sendable (Arguments, inout CallerSession, inout JSONWriter) throws(CallError) -> Void)
        case connection(@Sendable (Arguments, ConnectionHandler) throws(CallError) -> Answer)
        case remote(MethodEffect, Duration, @Sendable (Arguments) throws(CallError) -> any RemoteMethod)

        fileprivate var isWrite: Bool {
            switch self {
            case .remote(let effect, _, _): effect == .write
            case .local, .connection: false
            }
        }
    }

    let description: MethodDescription
    let nameBytes: [UInt8]
    let action: Action
    /// Whether it answers page by page.
    let hasCursor: Bool
    /// Whether it is told a token, as a login is.
    let takesToken: Bool
    /// See ``RemoteMethod/keeps``.
    let keeps: Duration?
    /// See ``RemoteMethod/changesCatalogue``.
    let changesCatalogue: Bool
    /// See ``Method/cost``, ``Method/surcharges`` and ``RemoteMethod/weight``.
    let cost: Int
    let surcharges: [(parameter: String, cost: Int)]
    let weight: Int
    /// The place in the table, which counters use.
    var index = 0

    var name: String { description.name }
    var parameters: [Parameter] { description.parameters }
    var access: MethodAccess { description.access }

    /// - Parameters:
    ///   - changesCatalogue: what every write does that does not say otherwise.
    ///   - cost: that of a look-up of one row, unless said.
    init(
        _ description: MethodDescription,
        action: Action,
        keeps: Duration? = nil,
        changesCatalogue: Bool? = nil,
        cost: Int = 1,
        surcharges: [String: Int] = [:],
        weight: Int = 1
    ) {
        self.description = description
        self.nameBytes = Array(description.name.utf8)
        self.action = action
        self.hasCursor = description.parameters.contains { $0.schema.isCursor }
        self.takesToken = description.parameters.contains { $0.name == "token" }
        self.keeps = keeps
        self.changesCatalogue = changesCatalogue ?? action.isWrite
        self.cost = cost
        self.surcharges = surcharges.map { ($0.key, $0.value) }
        self.weight = weight
    }

    init<M: LocalMethod>(local: M.Type) {
        self.init(
            MethodDescription(M.self),
            action: .local { (arguments, session, writer) throws(CallError) in
                try M.answer(arguments, session: &session, to: &writer)
            },
            cost: M.cost,
            surcharges: M.surcharges
        )
    }

    init<M: ConnectionMethod>(connection: M.Type) {
        self.init(
            MethodDescription(M.self),
            action: .connection { (arguments, connection) throws(CallError) in
                try M.answer(arguments, on: connection)
            },
            cost: M.cost,
            surcharges: M.surcharges
        )
    }

    init<M: RemoteMethod>(remote: M.Type) {
        self.init(
            MethodDescription(M.self, effect: M.effect, patience: M.patience),
            action: .remote(M.effect, M.patience) { (arguments) throws(CallError) in try M(arguments) },
            keeps: M.keeps,
            changesCatalogue: M.changesCatalogue,
            cost: M.cost,
            surcharges: M.surcharges,
            weight: M.weight
        )
    }

    /// What a call with these arguments costs.
    func cost(of arguments: Arguments) -> Int {
        surcharges.reduce(cost) { $0 + (arguments[$1.parameter] == nil ? 0 : $1.cost) }
    }

    /// A pointer to a parameter by its name as one to its place, for params that are an array.
    func placed(_ path: String) -> String {
        var tokens = path.split(separator: "/", omittingEmptySubsequences: false)
        guard tokens.count > 2, tokens[1] == "params",
            let place = parameters.firstIndex(where: { $0.name == tokens[2] })
        else { return path }
        tokens[2] = "\(place)"
        return tokens.joined(separator: "/")
    }
}

/// The methods by name.
///
/// Names are found by their bytes, in buckets that no caller can overfill.
struct MethodTable: Sendable {
    let entries: [MethodEntry]
    private let buckets: [[Int]]
    /// The successors of methods that are gone, by their names.
    private let successors: [String: String]

    /// - Parameter successors: of methods that are gone, by their names.
    init(_ entries: [MethodEntry], successors: [String: String] = [:]) {
        var buckets = Array(repeating: [Int](), count: Self.bucketCount)
        var indexed = entries
        for index in indexed.indices {
            indexed[index].index = index
            buckets[Self.bucket(indexed[index].nameBytes.count, indexed[index].nameBytes.last)].append(index)
        }
        self.entries = indexed
        self.successors = successors
        self.buckets = buckets
    }

    /// The method that a string of the document names.
    func find(_ name: Int, in document: JSONDocument) -> MethodEntry? {
        // The last source byte of a name without escapes stands before its closing quote.
        let last = document.sourceBytes(name).dropLast().last
        for index in buckets[Self.bucket(document.stringLength(name), last)]
        where document.string(name, is: entries[index].nameBytes) {
            return entries[index]
        }
        guard document.isEscaped(name) else { return nil }
        return entries.first { document.string(name, is: $0.nameBytes) }
    }

    /// The refusal of a name that no method has.
    func unknown(_ name: String) -> CallError {
        if let successor = successors[name] {
            var error = CallError(.methodRemoved, "the method “\(CallError.excerpt(name))” is gone")
            error.hint = "call \(successor) instead"
            return error
        }
        var error = CallError(.methodNotFound, "there is no method “\(CallError.excerpt(name))”")
        error.hint = Suggestion.hint(for: name, among: entries.map(\.name))
        return error
    }

    private static let bucketCount = 256

    private static func bucket(_ length: Int, _ last: UInt8?) -> Int {
        (length &* 31 &+ Int(last ?? 0)) & (bucketCount - 1)
    }

    /// The methods of this release.
    static let release = MethodTable([
        MethodEntry(local: Discover.self),
        MethodEntry(connection: CancelCall.self),
        MethodEntry(local: Ping.self),
        MethodEntry(local: Info.self),
        MethodEntry(local: ReadLimits.self),
        MethodEntry(remote: ReadHealth.self),
        MethodEntry(remote: Login.self),
        MethodEntry(remote: WhoAmI.self),
        MethodEntry(remote: Logout.self),
        MethodEntry(remote: ListParks.self),
        MethodEntry(remote: GetPark.self),
        MethodEntry(remote: ListTerms.self),
        MethodEntry(remote: SearchAmenities.self),
        MethodEntry(remote: GetAmenity.self),
        MethodEntry(remote: SuggestAmenities.self),
        MethodEntry(remote: CompareAmenities.self),
        MethodEntry(remote: ShowCard.self),
        MethodEntry(remote: ListChanges.self),
        MethodEntry(remote: SubmitRequest.self),
        MethodEntry(remote: GetRequest.self),
        MethodEntry(remote: SubmitFeedback.self),
        MethodEntry(remote: GetFeedback.self),
        MethodEntry(remote: ReportGaps.self),
        MethodEntry(remote: GetJob.self),
        MethodEntry(remote: ListJobs.self),
        MethodEntry(remote: ReadQueueStatus.self),
        MethodEntry(remote: OpenSubscription.self),
        MethodEntry(connection: CloseSubscription.self),
    ])
}
