/// One value of a scanned text: where it stands in the bytes, and where the value after it stands on the tape.
///
/// Sixteen bytes. The members of an object follow it as name, value, name, value.
struct JSONNode {
    enum Kind: UInt8 {
        case null
        case `true`
        case `false`
        case number
        case string
        case array
        case object
    }

    struct Flags: OptionSet {
        let rawValue: UInt8
        /// The string has an escape, so its source bytes are not its value.
        static let escaped = Flags(rawValue: 1)
        /// The string holds U+0000, which PostgreSQL's text cannot.
        static let zero = Flags(rawValue: 2)
        /// The object names a member twice.
        static let duplicate = Flags(rawValue: 4)
    }

    var kind: Kind
    var flags: Flags = []
    /// Members of an object or elements of an array, at most 65,535 told apart.
    var count: UInt16 = 0
    var start: UInt32
    var end: UInt32 = 0
    /// The index of the first node that does not belong to this value.
    var next: UInt32 = 0
}

/// Why bytes are not a JSON text we take, and at which byte that shows.
struct JSONFault: Error, Equatable {
    enum Reason: String {
        case empty = "nothing where a value is expected"
        case unexpectedByte = "a byte that cannot stand here"
        case unfinished = "the text ends too early"
        case trailing = "something follows the value"
        case badString = "a control character in a string"
        case badEscape = "an escape that JSON does not have"
        case loneSurrogate = "half of a surrogate pair"
        case badUTF8 = "bytes that are not UTF-8"
        case badNumber = "a number that JSON does not have"
        case longNumber = "a number of more than 512 digits or an exponent of more than 4"
        case tooDeep = "more than 64 levels of nesting"
        case tooManyMembers = "an object of more than 1,024 members"
    }

    let reason: Reason
    let offset: Int
}
