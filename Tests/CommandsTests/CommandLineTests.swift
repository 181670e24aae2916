import ArgumentParser
import Foundation
import Testing

@testable import Commands

@Suite("The command line")
struct CommandLineTests {
    /// A database that is not there, so that no test ever meets a real one.
    private static let nowhere = ["--database", "host=/nonexistent/socket dbname=none"]

    @Test(
        "a wrong command line ends with 2",
        arguments: [
            ["frobnicate"], ["db", "migrat"], ["db", "migrate", "extra"], ["call"], ["call", "system.ping", "nothing"],
            ["call", "system.ping", "echo:={"], ["queue", "list", "--state", "sleeping"], ["queue", "show", "one"],
            ["queue", "list", "--limit", "0"], ["queue", "top", "--interval", "0"],
            ["queue", "top", "--interval", "nan"],
            ["queue", "retry"], ["queue", "retry", "1", "--dead"], ["queue", "retry", "1", "--kind", "a"],
            ["queue", "retry", "--kind", "a"], ["queue", "retry", "--dead", "--limit", "0"],
            ["queue", "retry", "--dead", "--kind", ""], ["queue", "cap", "--kind", "a"],
            ["queue", "cap", "--running", "1"],
            ["queue", "cap", "--kind", "a", "--park", "b", "--running", "1"],
            ["queue", "cap", "--kind", "a", "--running", "0"], ["queue", "cap", "--kind", "a", "--running", "2000000"],
            ["queue", "cap", "--kind", "a", "--rate", "0"], ["queue", "cap", "--kind", "a", "--rate", "nan"],
            ["queue", "cap", "--kind", "a", "--rate", "inf"], ["queue", "cap", "--kind", "a", "--rate=-1"],
            ["queue", "cap", "--kind", "a", "--running", "1", "--burst", "2"],
            ["queue", "cap", "--kind", "a", "--rate", "1", "--burst", "0"], ["queue", "uncap"],
            ["queue", "uncap", "--kind", ""], ["token", "create", "--role", "king", "--name", "x"],
            ["token", "create", "--role", "investor", "--name", "x", "--park", "jx-de"],
            ["token", "create", "--role", "investor", "--name", "x", "--scope", "jobs"],
            ["token", "create", "--role", "admin", "--name", "x", "--scope", "all"],
            ["token", "create", "--role", "admin", "--name", "x", "--network", "10.0.0.0/33"],
            ["token", "create", "--role", "admin", "--name", "x", "--certificate", "desk.example"],
            ["token", "create", "--role", "admin", "--name", "x", "--days", "1", "--forever"],
            ["token", "narrow", "1"], ["token", "rotate", "1", "--overlap-hours", "-1"],
            ["audit", "verify", "--head", "12"], ["audit", "list", "--limit", "0"],
            ["token", "create", "--role", "staff", "--name", "x", "--days", "0"],
            ["tail"], ["tail", "amenity.changed", "--count", "0"], ["tail", "request.updated", "--of", "id"],
            ["call", "--list", "system.ping"], ["call", "--describe"], ["call", "no.such", "--describe"],
            ["call", "--list", "--reference"],
            ["search", "--near", "here", "--server", "127.0.0.1:1"], ["park", "list", "--server", "nonsense"],
            ["park", "list", "--token-file", "/nonexistent/token"],
            ["park", "get"], ["park", "get", "jx-de", "--server", "nonsense"], ["taxonomy", "edu"],
            ["bench", "driver", "--rounds", "0"],
            ["bench", "queue", "--jobs", "0"], ["bench", "queue", "--mode", "nonsense"],
        ]
    )
    func usage(arguments: [String]) async {
        #expect(await AmenityCommand.run(arguments) == .usage)
    }

    @Test(
        "help and version end with 0",
        arguments: [
            ["--help"], ["db", "seed", "-h"], ["taxonomy", "-h"], ["park", "get", "-h"], ["--version"],
            ["help", "queue"], ["call", "--list"],
            ["call", "amenities.search", "--describe"], ["call", "--list", "--json"],
        ]
    )
    func help(arguments: [String]) async {
        #expect(await AmenityCommand.run(arguments) == .success)
    }

    @Test(
        "a database or a service that can't be reached ends with 6",
        arguments: [
            ["db", "status"] + nowhere, ["db", "migrate"] + nowhere, ["queue", "status"] + nowhere,
            ["queue", "top"] + nowhere, ["queue", "cap", "--kind", "a", "--running", "1"] + nowhere,
            ["queue", "retry", "--dead"] + nowhere, ["token", "list"] + nowhere,
            ["call", "system.ping", "--server", "127.0.0.1:1"],
            ["tour", "--server", "127.0.0.1:1"], ["park", "list", "--server", "no-such-host.invalid:7411"],
        ]
    )
    func busy(arguments: [String]) async {
        #expect(await AmenityCommand.run(arguments) == .busy)
    }

    @Test("every command says what it does and has a help")
    func everyCommandIsDescribed() {
        func check(_ command: any ParsableCommand.Type, path: String) {
            #expect(!command.configuration.abstract.isEmpty, "\(path)")
            for child in command.configuration.subcommands {
                check(child, path: "\(path) \(child.configuration.commandName ?? "?")")
            }
        }
        check(AmenityCommand.self, path: "amenity")
    }

    @Test("the parameters of a call keep their order and their digits")
    func parameters() throws {
        let params = try CallCommand.params(["b=2", "a:=1e400", "text=x=y", "list:=[1, {\"k\":null}]", "empty="])
        #expect(params.text == #"{"b":"2","a":1e400,"text":"x=y","list":[1,{"k":null}],"empty":""}"#)
    }

    @Test(
        "the status of an error of the service follows from its kind",
        arguments: [
            ("not_found", 1001, CommandStatus.notFound), ("forbidden", -32002, .notAllowed),
            ("unauthenticated", -32001, .notAllowed), ("conflict", 1002, .conflict), ("stale_version", 1004, .conflict),
            ("rate_limited", -32003, .busy), ("database_unavailable", -32012, .busy),
            ("deadline_exceeded", -32005, .deadline), ("invalid_params", -32602, .usage),
            ("method_not_found", -32601, .usage), ("internal", -32603, .failed), ("validation_failed", 1003, .failed),
        ]
    )
    func remoteErrors(kind: String, code: Int, status: CommandStatus) {
        let error = RemoteError(["code": .integer(code), "message": "no", "data": ["kind": .string(kind)]])
        #expect(error.status == status)
    }

    @Test("a token travels in _meta beside what is there already")
    func tokens() {
        let request = Client.request("m", ["a": 1, "_meta": ["lang": "de"]], token: "t")
        #expect(
            request.text
                == #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1,"_meta":{"lang":"de","token":"t"}}}"#
        )
    }

    @Test(
        "an address is a host and a port",
        arguments: [
            ("127.0.0.1:7411", "127.0.0.1"), ("localhost:1", "localhost"), ("[::1]:7411", "::1"), ("::1:7411", nil),
            (":7411", nil), ("host", nil), ("host:0", nil), ("host:70000", nil), ("", nil),
        ]
    )
    func addresses(text: String, host: String?) {
        #expect(ServerAddress(text)?.host == host)
    }

    @Test("pgbench's rate is read off its report")
    func pgbench() {
        let report = """
            pgbench (15.9)
            number of transactions actually processed: 12
            latency average = 0.1 ms
            initial connection time = 3.2 ms
            tps = 34567.890123 (without initial connection time)
            """
        #expect(Pgbench.rate(in: report) == 34567.890123)
        #expect(Pgbench.rate(in: "pgbench: error: connection failed") == nil)
    }

    @Test("the median is not moved by one disturbed round")
    func median() {
        var figures = Figures()
        #expect(figures.median == 0)
        for value in [10.0, 1, 11, 12] { figures.add(value) }
        #expect(figures.median == 10.5)
        figures.add(1000)
        #expect(figures.median == 11)
    }
}
