import ArgumentParser

/// `amenity call`
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call any method of the service.",
        discussion: """
            Examples:
              amenity call system.ping echo=hello
              amenity call amenities.search park=jx-jp q=病院 limit:=5 _meta:='{"lang":"ja"}'
            """
    )

    @Argument(help: "The method, such as parks.list.")
    var method: String

    @Argument(help: ArgumentHelp("A text as name=value, anything else as name:=JSON.", valueName: "parameter"))
    var parameters: [String] = []

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let params = try Self.params(parameters)
        let result = try await server.connect().call(method, params)
        Terminal.print(output.json ? result.text : result.prettyText)
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
