import ArgumentParser
import Service

/// `amenity call`
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method of the service.",
        discussion: """
            Examples:
              amenity call system.ping echo=hello
              amenity call amenities.search park=jx-jp q=病院 limit:=5 _meta:='{"lang":"ja"}'
              amenity call amenities.search --describe
            """
    )

    @Argument(help: "The method, such as parks.list.")
    var method: String?

    @Argument(help: ArgumentHelp("A text as name=value, anything else as name:=JSON.", valueName: "parameter"))
    var parameters: [String] = []

    @Flag(help: "List the methods of this release with their parameters; with --json as an OpenRPC document.")
    var list = false

    @Flag(help: "Say what the method takes and answers instead of calling it.")
    var describe = false

    @Flag(help: "Print the reference page of all methods, in Markdown.")
    var reference = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [list, describe, reference].count(where: \.self) <= 1 else {
            throw ValidationError("--list, --describe and --reference are for one at a time")
        }
        guard (method == nil) == (list || reference) else {
            throw ValidationError(
                method == nil
                    ? "name the method to call; --list shows all of them"
                    : "--list and --reference are about all methods: name none, or use --describe"
            )
        }
    }

    func run() async throws {
        guard !list else { return Terminal.print(output.json ? Reference.document : Self.list(Reference.methods)) }
        guard !reference else { return Terminal.print(Reference.page) }
        let method = method ?? ""
        guard !describe else { return Terminal.print(Reference.section(try Self.find(method))) }
        let params = try Self.params(parameters)
        let result = try await server.connect().call(method, params)
        Terminal.print(output.json ? result.text : result.prettyText)
    }

    /// The methods, one a line.
    static func list(_ methods: [MethodDescription]) -> String {
        let rows = methods.map { method in
            [method.name, method.parameters.map(\.signature).joined(separator: " "), method.summary]
        }
        return TextTable(headings: ["METHOD", "PARAMETERS", "WHAT IT DOES"], rows: rows).text
    }

    private static func find(_ name: String) throws -> MethodDescription {
        guard let method = Reference.methods.first(where: { $0.name == name }) else {
            throw CommandFailure(.usage, "there is no method \(name); amenity call --list shows all of them.")
        }
        return method
    }

    /// Reads the parameters off the command line.
    static func params(_ texts: [String]) throws -> JSONValue {
        var members: [JSONValue.Member] = []
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw CommandFailure(.usage, "\"\(text)\" is no parameter: write name=value or name:=JSON.")
            }
            let value = String(text[text.index(after: equals)...])
            var name = text[..<equals]
            if name.last == ":" {
                name.removeLast()
                do throws(JSONError) {
                    members.append(JSONValue.Member(name: String(name), value: try JSONValue(parsing: value.utf8)))
                } catch {
                    throw CommandFailure(.usage, "the value of \(name) is not JSON: \(error).")
                }
            } else {
                members.append(JSONValue.Member(name: String(name), value: .string(value)))
            }
        }
        return .object(members)
    }
}
