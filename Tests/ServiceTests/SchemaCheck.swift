import Commands
import Testing

@testable import Service

/// Compares answers with what their methods say of them.
struct SchemaCheck {
    /// What is wrong, with JSON Pointers.
    private(set) var faults: [String] = []
    /// What stands in an example for what differs from run to run.
    private(set) var bindings: [String: String] = [:]

    /// Checks an object: every member is declared, what is required is there, and all have their form.
    mutating func check(_ value: JSONValue, _ members: [Parameter], at path: String = "") {
        guard case .object(let given) = value else { return fault(path, "an object") }
        for member in given where member.name != "_meta" || !path.isEmpty {
            guard let declared = members.first(where: { $0.name == member.name }) else {
                faults.append("\(path)/\(member.name) is not declared")
                continue
            }
            check(member.value, declared.schema, at: path + "/" + member.name)
        }
        for member in members where member.isRequired && !given.contains(where: { $0.name == member.name }) {
            faults.append("\(path)/\(member.name) is missing")
        }
    }

    private mutating func check(_ value: JSONValue, _ schema: Schema, at path: String) {
        let isRight: Bool
        switch schema {
        case .object(let members): return check(value, members, at: path)
        case .array(let element, let maximum):
            guard case .array(let elements) = value else { return fault(path, schema.expectation) }
            for (index, inner) in elements.enumerated() { check(inner, element, at: "\(path)/\(index)") }
            isRight = elements.count <= maximum ?? .max
        case .map(let inner):
            guard case .object(let members) = value else { return fault(path, schema.expectation) }
            for member in members { check(member.value, inner, at: path + "/" + member.name) }
            isRight = true
        case .nullable(let inner): return value.isNull ? () : check(value, inner, at: path)
        case .any: isRight = true
        case .cursor: isRight = value.string != nil
        case .text(let maximum): isRight = value.string.map { $0.utf8.count <= maximum ?? .max } ?? false
        case .uuid: isRight = value.string.map { UUIDText.isValid(Array($0.utf8)) } ?? false
        case .time: isRight = value.string?.wholeMatch(of: Self.time) != nil
        case .choice(let choices): isRight = value.string.map(choices.contains) ?? false
        case .boolean: isRight = value.bool != nil
        case .integer(let range): isRight = value.int.map(range.contains) ?? false
        case .number(let range): isRight = value.double.map(range.contains) ?? false
        }
        if !isRight { fault(path, schema.expectation) }
    }

    private mutating func fault(_ path: String, _ expected: String) { faults.append("\(path) is not \(expected)") }

    nonisolated(unsafe) private static let time = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d|Z)/

    // MARK: Examples

    /// Checks that an answer holds all that an example shows. Ids, secrets and times need only be there: they are bound to
    /// what the example has in their place.
    mutating func compare(_ value: JSONValue, with example: JSONValue, at path: String = "") {
        switch (example, value) {
        case (.object(let members), .object):
            for member in members { compare(value[member.name], with: member.value, at: path + "/" + member.name) }
        case (.array(let wanted), .array(let given)):
            guard given.count >= wanted.count else { return fault(path, "an array of \(wanted.count) or more") }
            for (index, element) in wanted.enumerated() {
                compare(given[index], with: element, at: "\(path)/\(index)")
            }
        case (.string(let wanted), .string(let given)) where Self.varies(wanted): bindings[wanted] = given
        default: if value != example { faults.append("\(path) is \(value.text), not \(example.text)") }
        }
    }

    private static func varies(_ text: String) -> Bool {
        UUIDText.isValid(Array(text.utf8)) || text.wholeMatch(of: /[0-9a-f]{32}/) != nil
    }
}
