/// A JSON value as it stands in the text: members keep their order and numbers their digits.
package enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    /// The digits as they were written.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    /// One member of an object.
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// An integer as a value.
    package static func integer(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

    /// A fraction as a value; JSON has no infinities, so they become null.
    package static func fraction(_ value: Double) -> JSONValue { value.isFinite ? .number("\(value)") : .null }

    /// A text or null.
    package static func optional(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
}

extension JSONValue: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByNilLiteral
{
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(nilLiteral: ()) { self = .null }
}

extension JSONValue {
    /// The first member of this name; null for everything that has none.
    package subscript(name: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    /// The elements of an array; empty for everything else.
    package var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }

    /// The members of an object.
    package var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    /// The text of a string.
    package var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The value of a number.
    package var double: Double? {
        if case .number(let digits) = self { Double(digits) } else { nil }
    }

    /// The value of a number without a fraction.
    package var int: Int? {
        if case .number(let digits) = self { Int(digits) } else { nil }
    }

    /// The value of a boolean.
    package var bool: Bool? {
        if case .boolean(let value) = self { value } else { nil }
    }

    /// Whether there is nothing.
    package var isNull: Bool { self == .null }

    /// A time to the second, in the zone that it was told in.
    var time: String { String(plain.prefix(19)).replacing("T", with: " ") }

    /// A string without its quotes, nothing for null, JSON for everything else: for a table's cell.
    package var plain: String {
        switch self {
        case .null: ""
        case .string(let text): text
        case .number(let digits): digits
        case .boolean, .array, .object: text
        }
    }
}
