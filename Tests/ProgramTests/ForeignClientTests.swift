import FoundationEssentials
import TestSupport
import Testing

/// Clients that others have written, each in a conversation with the real service.
@Suite("Other people's clients", .needsPrograms, .seededDatabase, .timeLimit(.minutes(2)))
struct ForeignClientTests {
    /// The interpreter of the virtual environment that `./dev test` makes.
    private static let interpreter = ProcessInfo.processInfo.environment["AMENITY_TEST_PYTHON"] ?? ""

    @Test(
        "in Python are content",
        .enabled(
            if: !Self.interpreter.isEmpty,
            "no virtual environment with them: ./dev test makes one where pip finds them"
        ),
        arguments: ["aiorpcx_client.py", "jsonrpcclient_client.py"]
    )
    func python(_ script: String) async throws { try await converse(Self.interpreter, script) }

    @Test(
        "in bash with jq are content",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/jq"), "there is no jq: apt-get install jq")
    )
    func bash() async throws { try await converse("/bin/bash", "bash_jq.sh") }

    private func converse(_ interpreter: String, _ script: String) async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Clients")
        try await withService(on: try TestDatabase.required()) { service in
            let host = service.address.split(separator: ":").map(String.init)
            let client = try ChildProcess(
                interpreter,
                [folder.appending(path: script).path(), host[0], host[1]],
                environment: ["LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"]
            )
            let ending = try await client.ended(within: .seconds(60))
            #expect(ending == .exit(0), "\(client.errors.lines.suffix(20).joined(separator: "\n"))")
            #expect(client.output.lines.last?.hasSuffix(" is content") == true)
        }
    }
}
