/// What a parameter may be. Decoding checks against it, and the description of a method is made from it, so the two cannot
/// differ.
package indirect enum Schema: Sendable {
    /// A string of at most this many bytes.
    case text(maximumBytes: Int)
    /// A UUID in its usual form.
    case uuid
    /// A string that is one of these.
    case choice([String])
    case integer(ClosedRange<Int>)
    case number(ClosedRange<Double>)
    case array(of: Schema, maximumCount: Int)
    case object([Parameter])
    /// Any JSON value, given back as it came.
    case any

    /// The schema in a few words, for `error.data.expected`.
    var expectation: String {
        switch self {
        case .text(let maximum): "a string of at most \(maximum) bytes"
        case .uuid: "a UUID"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .integer(let range): "an integer \(range.lowerBound)..\(range.upperBound)"
        case .number(let range): "a number \(range.lowerBound)..\(range.upperBound)"
        case .array(let element, let maximum): "an array of at most \(maximum), each \(element.expectation)"
        case .object(let members): "an object {" + members.map(\.signature).joined(separator: ", ") + "}"
        case .any: "any value"
        }
    }
}

/// One parameter of a method, or one member of a parameter that is an object.
package struct Parameter: Sendable {
    package let name: String
    package let schema: Schema
    package let isRequired: Bool
    let nameBytes: [UInt8]

    /// A parameter that may be left out or be null.
    static func optional(_ name: String, _ schema: Schema) -> Parameter {
        Parameter(name: name, schema: schema, isRequired: false, nameBytes: Array(name.utf8))
    }

    static func required(_ name: String, _ schema: Schema) -> Parameter {
        Parameter(name: name, schema: schema, isRequired: true, nameBytes: Array(name.utf8))
    }

    var signature: String { isRequired ? name : name + "?" }
}
