/// A libpq connection string of the form `key=value`, taken apart as far as tests need it.
package struct Conninfo: Sendable {
    private var pairs: [(key: String, value: String)] = []

    /// - Throws: ``TestSupportError`` for a URI or anything else that is not `key=value` pairs.
    package init(_ text: String) throws {
        var rest = text[...]
        while true {
            rest = rest.drop { $0 == " " }
            guard !rest.isEmpty else { return }
            guard let equals = rest.firstIndex(of: "=") else {
                throw TestSupportError("not a key=value connection string: \(text)")
            }
            let key = String(rest[..<equals])
            rest = rest[rest.index(after: equals)...]
            pairs.append((key, Self.takeValue(from: &rest)))
        }
    }

    package subscript(key: String) -> String? {
        get { pairs.last { $0.key == key }?.value }
        set {
            pairs.removeAll { $0.key == key }
            if let newValue { pairs.append((key, newValue)) }
        }
    }

    package var text: String {
        pairs.map { pair in
            let escaped = pair.value.flatMap { $0 == "'" || $0 == "\\" ? ["\\", $0] : [$0] }
            return "\(pair.key)='\(String(escaped))'"
        }
        .joined(separator: " ")
    }

    /// Whether every host named is this machine. Tests drop databases and kill sessions, so nothing else will do, and
    /// a host left to the environment will not do either.
    package var isLocal: Bool {
        guard let hosts = self["host"] else { return false }
        let addresses =
            hosts.split(separator: ",", omittingEmptySubsequences: false)
            + (self["hostaddr"] ?? "127.0.0.1").split(separator: ",", omittingEmptySubsequences: false)
        return addresses.allSatisfy { $0.hasPrefix("/") || ["localhost", "127.0.0.1", "::1"].contains($0) }
    }

    private static func takeValue(from rest: inout Substring) -> String {
        var value = ""
        let isQuoted = rest.first == "'"
        if isQuoted { rest.removeFirst() }
        while let character = rest.popFirst() {
            if character == (isQuoted ? "'" : " ") { break }
            if character == "\\", let escaped = rest.popFirst() {
                value.append(escaped)
            } else {
                value.append(character)
            }
        }
        return value
    }
}

/// What kept the test bench itself from working.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
