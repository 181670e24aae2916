import Commands
import Foundation
import NIOCore
import Testing

@testable import Service

@Suite("What the service says of its methods")
struct DescriptionTests {
    private static var document: JSONValue { get throws { try JSONValue(parsing: Reference.document.utf8) } }

    @Test("The reference page in the repository is that of this release")
    func page() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let kept = try String(contentsOf: root.appending(path: "Sources/Service/METHODS.md"), encoding: .utf8)
        #expect(
            kept == Reference.page + "\n",
            "bring it up to date with: amenity call --reference > Sources/Service/METHODS.md"
        )
    }

    @Test(
        "Every method says what it does, what its parameters mean, and shows an example",
        arguments: Reference.methods
    )
    func completeness(_ method: MethodDescription) {
        #expect(method.summary.hasSuffix("."))
        #expect(!method.examples.isEmpty)
        for parameter in method.parameters where parameter.summary.isEmpty {
            // Where the schema says all there is to say.
            if case .text = parameter.schema { Issue.record("\(method.name): \(parameter.name) has no summary") }
        }
    }

    @Test("What is required comes first, so that positions can be left out at the end", arguments: Reference.methods)
    func order(_ method: MethodDescription) {
        let optional = method.parameters.firstIndex { !$0.isRequired } ?? method.parameters.endIndex
        #expect(method.parameters[optional...].allSatisfy { !$0.isRequired })
    }

    @Test("The document has every method that can be called, once, and nothing else")
    func methods() throws {
        let names = try Self.document["methods"].elements.compactMap { $0["name"].string }
        #expect(names == MethodTable.release.entries.map(\.name))
        #expect(Set(names).count == names.count)
        #expect(try Self.document["openrpc"] == "1.3.2")
    }

    @Test("Every reference of the document leads somewhere")
    func references() throws {
        let text = Reference.document
        let names = text.matches(of: /"\$ref":"#\/components\/errors\/([a-z_]+)"/).map { String($0.1) }
        #expect(names.count > 100)
        for name in Set(names) { #expect(try !Self.document["components"]["errors"][name].isNull, "\(name)") }
    }

    @Test("No object of the document has members that OpenRPC 1.3 does not know")
    func members() throws {
        let document = try Self.document
        var faults = Self.strangers(in: document, known: ["openrpc", "info", "servers", "methods", "components"])
        faults += Self.strangers(in: document["info"], known: ["title", "version", "description"])
        for method in document["methods"].elements {
            faults += Self.strangers(
                in: method,
                known: ["name", "summary", "paramStructure", "params", "result", "errors", "examples"]
            )
            for descriptor in method["params"].elements + [method["result"]] {
                faults += Self.strangers(in: descriptor, known: ["name", "summary", "required", "schema"])
                #expect(descriptor["name"].string?.isEmpty == false && !descriptor["schema"].isNull)
            }
            for example in method["examples"].elements {
                faults += Self.strangers(in: example, known: ["name", "params", "result"])
                for value in example["params"].elements + [example["result"]] {
                    faults += Self.strangers(in: value, known: ["name", "value"])
                }
            }
        }
        #expect(faults == [])
    }

    /// The members of an object that are neither known nor an extension.
    private static func strangers(in object: JSONValue, known: [String]) -> [String] {
        guard case .object(let members) = object else { return ["not an object: \(object.text)"] }
        return members.map(\.name).filter { !known.contains($0) && !$0.hasPrefix("x-") }
    }

    @Test("What the document says of a parameter is what decoding holds it to", arguments: Reference.methods)
    func parameters(_ method: MethodDescription) throws {
        let described = try #require(try Self.document["methods"].elements.first { $0["name"].string == method.name })
        for parameter in described["params"].elements {
            let (name, schema) = (try #require(parameter["name"].string), parameter["schema"])
            for wrong in Self.violations(of: schema) {
                // Those before it are not there; it is found wrong all the same, or they are found missing first.
                let document = try JSONDocument(ByteBuffer(string: "{\"\(name)\":\(wrong)}"))
                #expect(throws: CallError.self, "\(method.name) takes \(wrong) for \(name)") {
                    _ = try Arguments(JSONDocument.root, of: method.parameters, in: document)
                }
            }
        }
    }

    /// Values that a schema rules out.
    private static func violations(of schema: JSONValue) -> [String] {
        var wrong: [String] = []
        if let maximum = schema["maximum"].int { wrong.append("\(maximum + 1)") }
        if let minimum = schema["minimum"].int { wrong.append("\(minimum - 1)") }
        if let length = schema["maxLength"].int {
            wrong.append("\"" + String(repeating: "a", count: length + 1) + "\"")
        }
        if !schema["enum"].elements.isEmpty { wrong.append("\"none of these\"") }
        if let items = schema["maxItems"].int {
            wrong.append("[" + Array(repeating: "\"a\"", count: items + 1).joined(separator: ",") + "]")
        }
        if let type = schema["type"].string { wrong.append(type == "string" ? "7" : "\"7\"") }
        return wrong
    }

    @Test("A fault of the schema is found: the check of the examples is not blind")
    func sight() throws {
        let members: [Parameter] = [
            .required("id", .uuid), .optional("at", .time), .required("list", .list(of: .integer(1...3))),
        ]
        let faulty: [(String, String)] = [
            (#"{"id":"x","list":[]}"#, "/id is not a UUID"), (#"{"list":[]}"#, "/id is missing"),
            (#"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","list":[1,4]}"#, "/list/1 is not an integer 1..3"),
            (#"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","list":[],"more":1}"#, "/more is not declared"),
            (#"{"id":"7c9e6679-7425-40de-944b-e07fc1f90ae7","list":[],"at":"now"}"#, "/at is not a time such as"),
        ]
        for (text, fault) in faulty {
            var check = SchemaCheck()
            check.check(try JSONValue(parsing: text.utf8), members)
            #expect(check.faults.count == 1 && check.faults.first?.hasPrefix(fault) == true, "\(check.faults)")
        }
        var check = SchemaCheck()
        check.compare(["a": [1, 2], "b": 1], with: ["a": [1, 3]])
        #expect(check.faults == ["/a/1 is 2, not 3"])
    }
}

extension MethodDescription: CustomTestStringConvertible {
    /// What a report calls a test's argument.
    public var testDescription: String { name }
}
