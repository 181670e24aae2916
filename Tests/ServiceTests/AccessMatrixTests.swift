import Access
import Commands
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Service

/// Every method of the release, called by every kind of caller, about something of their own park and of a foreign one.
@Suite("Who may call what", .needsServer, .seededDatabase, .timeLimit(.minutes(5)))
struct AccessMatrixTests {
    /// Somebody who calls, and what is to be expected of them.
    struct Caller {
        let name: String
        /// `nil` for one without a token.
        let grant: Grant?

        var principal: Principal {
            guard let grant else { return .anonymous }
            return Principal(actor: name, role: grant.role, parks: grant.parks, scopes: grant.scopes)
        }

        /// Whether rows of this park are theirs to see, if any are.
        func covers(_ park: String) -> Bool {
            guard let grant else { return false }
            return grant.parks.contains(park) || grant.parks.isEmpty && grant.role != .staff
        }
    }

    static let callers = [
        Caller(name: "anonymous", grant: nil), Caller(name: "investor", grant: Grant(role: .investor)),
        Caller(name: "staff of jx-de", grant: Grant(role: .staff, parks: ["jx-de"])),
        Caller(name: "staff of no park", grant: Grant(role: .staff)),
        Caller(name: "analyst", grant: Grant(role: .analyst)),
        Caller(name: "analyst of jx-de", grant: Grant(role: .analyst, parks: ["jx-de"])),
        Caller(name: "admin", grant: Grant(role: .admin)),
        Caller(name: "staff who only reads", grant: Grant(role: .staff, parks: ["jx-de"], scopes: [.read])),
        Caller(name: "admin who only looks at jobs", grant: Grant(role: .admin, scopes: [.jobs])),
    ]

    /// Something that was handed in for a park.
    struct Stock {
        let park: String
        let other: String
        let request: String
        let feedback: String
        let job: String
        let amenity: String
    }

    /// The parameters with which each method is called. A method that is missing here fails the test.
    static func parameters(of method: String, _ stock: Stock, token: String) -> String? {
        switch method {
        case "rpc.discover", "system.ping", "system.info", "system.limits", "system.health", "auth.whoami",
            "auth.logout", "parks.list",
            "queue.status":
            ""
        case "auth.login": #""token":"\#(token)""#
        case "parks.get": #""park":"\#(stock.park)""#
        case "taxonomy.list": #""kind":"category""#
        case "amenities.search": #""park":"\#(stock.park)","limit":1"#
        case "amenities.get", "amenities.card": #""id":"\#(stock.amenity)""#
        case "amenities.suggest": #""prefix":"sch""#
        case "amenities.compare": #""ids":["\#(stock.amenity)","\#(stock.other)"]"#
        case "amenities.changes": ""
        case "requests.submit": #""text":"a school","park":"\#(stock.park)""#
        case "feedback.submit": #""amenity":"\#(stock.amenity)","stars":4"#
        case "requests.get": #""id":"\#(stock.request)""#
        case "feedback.get": #""id":"\#(stock.feedback)""#
        case "reports.gaps": #""park":"\#(stock.park)","nationality":"DE","categories":["edu"]"#
        case "jobs.get": #""id":\#(stock.job)"#
        case "jobs.list": #""limit":100"#
        case "rpc.cancel": #""id":9"#
        case "subscriptions.open": #""topics":["amenity.changed"]"#
        case "subscriptions.close": #""sub":"none""#
        default: nil
        }
    }

    /// Reading without a secret is for those whose role sees the row.
    private static let rows: [String: Scope] = ["requests.get": .desk, "feedback.get": .desk, "jobs.get": .jobs]

    /// The error code to expect; `nil` for none.
    static func expected(_ entry: MethodEntry, _ caller: Caller, _ stock: Stock) -> Int? {
        let principal = caller.principal
        if case .scope(let scope) = entry.access, !principal.may(scope) { return caller.grant == nil ? -32001 : -32002 }
        if entry.name == "subscriptions.close" { return 1001 }
        guard let scope = rows[entry.name] else { return nil }
        return principal.may(scope) && caller.covers(stock.park) ? nil : 1001
    }

    @Test("is the same for every method, by scope, role and park")
    func matrix() async throws {
        let database = try TestDatabase.required()
        let stocks = [try await stock(of: "jx-de", database), try await stock(of: "jx-jp", database)]
        try await database.withServicePool { pool in
            try await TestServer.with(pool: pool) { server in
                for caller in Self.callers {
                    var token: String?
                    if let grant = caller.grant { token = try await database.token(grant, name: caller.name) }
                    let other = try await database.token(Grant(role: .investor))
                    for (entry, stock) in MethodTable.release.entries.flatMap({ entry in stocks.map { (entry, $0) } }) {
                        let parameters = try #require(
                            Self.parameters(of: entry.name, stock, token: token ?? other),
                            "say here how \(entry.name) is called, and who may see what it answers"
                        )
                        let answer = try await call(entry.name, parameters, token, server)
                        let code = answer["error"]["code"].int
                        let expected = Self.expected(entry, caller, stock)
                        #expect(
                            code == expected,
                            "\(caller.name) calls \(entry.name) about \(stock.park): \(answer.text)"
                        )
                        if code == nil { checkParks(answer["result"], entry, caller) }
                    }
                }
            }
        }
    }

    /// What lists several rows shows those of the caller's parks only.
    private func checkParks(_ result: JSONValue, _ entry: MethodEntry, _ caller: Caller) {
        let parks: Set<String>
        switch entry.name {
        case "jobs.list": parks = Set(result["items"].elements.compactMap { $0["park"].string })
        case "queue.status": parks = Set(result["parks"].elements.compactMap { $0["park"].string })
        default: return
        }
        #expect(parks == Set(["jx-de", "jx-jp"].filter(caller.covers)), "\(caller.name) calls \(entry.name)")
    }

    private func call(_ method: String, _ parameters: String, _ token: String?, _ server: TestServer) async throws
        -> JSONValue
    {
        let meta = token.map { #""_meta":{"token":"\#($0)"}"# }
        let members = [parameters, meta ?? ""].filter { !$0.isEmpty }.joined(separator: ",")
        // A connection of its own, which no login before has changed.
        var client = try await Client(port: server.port)
        let line = try await client.ask(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{\#(members)}}"#)
        try await client.close()
        return try JSONValue(parsing: try #require(line).utf8)
    }

    /// Hands in a request and feedback for a park.
    private func stock(of park: String, _ database: TestDatabase) async throws -> Stock {
        let observer = try await database.observer()
        defer { observer.close() }
        let row = try #require(
            try await observer.execute(
                """
                with asked as (
                    select intake.take_request('s', 'x', '\(park)', null, null, null, '{}', '{}', null) as id
                ), about as (
                    select id from catalog.amenity where intake.park_of(id) = '\(park)' order by slug limit 1
                ), said as (
                    select intake.take_feedback('s', '', about.id, 'x', null, null, null, null, null) as id from about
                )
                select asked.id, said.id, about.id, (select id from catalog.amenity order by slug desc limit 1)
                from asked, about, said
                """
            ).first
        )
        let request = try #require(row[0])
        let job = try await observer.value("select job from intake.request where id = '\(request)'")
        return Stock(
            park: park,
            other: try #require(row[3]),
            request: request,
            feedback: try #require(row[1]),
            job: try #require(job),
            amenity: try #require(row[2])
        )
    }
}
