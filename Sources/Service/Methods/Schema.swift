/// What a parameter, or a member of a result, may be. Decoding checks against it, and the description of a method is made
/// from it, so the two cannot differ.
package indirect enum Schema: Sendable {
    /// A string of at most this many bytes; `nil` where only we write it.
    case text(maximumBytes: Int?)
    /// A UUID in its usual form.
    case uuid
    /// A time of RFC 3339.
    case time
    /// A string that is one of these.
    case choice([String])
    case boolean
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case array(of: Schema, maximumCount: Int?)
    case object([Parameter])
    /// An object whose members have names that are data, such as languages.
    case map(of: Schema)
    case nullable(Schema)
    /// Where a page begins: what `_meta.next` of the page before was.
    case cursor
    /// Any JSON value, given back as it came.
    case any

    var isCursor: Bool { if case .cursor = self { true } else { false } }

    /// The longest cursor in bytes.
    static let longestCursor = 1024

    /// A string of a result.
    static let string = Schema.text(maximumBytes: nil)
    /// A number of things; JSON's readers are exact up to 2^53.
    static let count = Schema.integer(0...1 << 53)
    /// A number of a result that is not negative.
    static let measure = Schema.number(0 ... .greatestFiniteMagnitude)

    /// An array of a result.
    static func list(of element: Schema) -> Schema { .array(of: element, maximumCount: nil) }

    /// The schema in a few words, for `error.data.expected` and the reference page.
    var expectation: String {
        switch self {
        case .text(let maximum?): "a string of at most \(maximum) bytes"
        case .text(nil): "a string"
        case .uuid: "a UUID"
        case .time: "a time such as 2026-05-01T08:00:00Z"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .boolean: "true or false"
        case .integer(let range) where range.upperBound == 1 << 53 && range.lowerBound >= 0:
            range.lowerBound == 0 ? "a whole number" : "a whole number from \(range.lowerBound)"
        case .integer(let range): "an integer \(range.lowerBound)..\(range.upperBound)"
        case .number(let range) where range.upperBound == .greatestFiniteMagnitude: "a number from \(range.lowerBound)"
        case .number(let range): "a number \(range.lowerBound)..\(range.upperBound)"
        case .array(let element, let maximum?): "an array of at most \(maximum), each \(element.expectation)"
        case .array(let element, nil): "an array, each \(element.expectation)"
        case .object(let members): "an object {" + members.map(\.signature).joined(separator: ", ") + "}"
        case .map(let value): "an object, each member \(value.expectation)"
        case .nullable(let value): value.expectation + ", or null"
        case .cursor: "what _meta.next of the page before was"
        case .any: "any value"
        }
    }
}

/// One parameter of a method, or one member of an object.
package struct Parameter: Sendable {
    package let name: String
    package let schema: Schema
    package let isRequired: Bool
    /// What it means, in a few words without a full stop.
    package let summary: String
    let nameBytes: [UInt8]

    /// A parameter that may be left out or be null.
    static func optional(_ name: String, _ schema: Schema, _ summary: String = "") -> Parameter {
        Parameter(name: name, schema: schema, isRequired: false, summary: summary, nameBytes: Array(name.utf8))
    }

    static func required(_ name: String, _ schema: Schema, _ summary: String = "") -> Parameter {
        Parameter(name: name, schema: schema, isRequired: true, summary: summary, nameBytes: Array(name.utf8))
    }

    /// The name, marked when it may be left out.
    package var signature: String { isRequired ? name : name + "?" }
}
