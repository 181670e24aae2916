import FoundationEssentials
import Glibc

/// The process's streams: data goes to stdout, words to stderr.
enum Terminal {
    /// Whether somebody watches stderr.
    static var showsProgress: Bool { isatty(STDERR_FILENO) == 1 }

    /// Whether stdout wants colours: a terminal, unless NO_COLOR; CLICOLOR_FORCE asks for them in any case.
    static var wantsColour: Bool {
        let environment = ProcessInfo.processInfo.environment
        if let no = environment["NO_COLOR"], !no.isEmpty { return false }
        if let force = environment["CLICOLOR_FORCE"], !force.isEmpty, force != "0" { return true }
        return isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    /// Writes a line of data.
    static func print(_ line: String) { write(harmless(line) + "\n", to: STDOUT_FILENO) }

    /// Writes a line of words.
    static func note(_ line: String) { write(harmless(line) + "\n", to: STDERR_FILENO) }

    /// The text without what a terminal would obey, for it may come from strangers: controls, but for line breaks, tabs and
    /// our own bold and grey, and the overrides of writing direction.
    static func harmless(_ text: String) -> String {
        let isSuspicious = text.unicodeScalars.contains { !isHarmless($0) }
        guard isSuspicious else { return text }
        var output = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let scalar = rest.first {
            if let own = styles.first(where: { rest.starts(with: $0.unicodeScalars) }) {
                output.append(contentsOf: own.unicodeScalars)
                rest = rest.dropFirst(own.unicodeScalars.count)
            } else {
                output.append(isHarmless(scalar) ? scalar : "\u{FFFD}")
                rest = rest.dropFirst()
            }
        }
        return String(output)
    }

    private static let styles = ["\u{1B}[1m", "\u{1B}[2m", "\u{1B}[0m"]

    private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: true
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: false
        default: true
        }
    }

    /// Writes to stderr without ending the line.
    static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes to stdout as it is, for a terminal to obey: what comes from elsewhere must have been made harmless.
    static func command(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// The text in bold where colours are wanted.
    static func bold(_ text: String) -> String { wantsColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// The text in grey where colours are wanted.
    static func dim(_ text: String) -> String { wantsColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// Unbuffered, so that what is said appears in the order it was said. A reader that went away ends the process by
    /// SIGPIPE, as it should; data that can't be written, as on a full disk, ends it with an error.
    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            // The pointer lives for the call and `write` reads at most the given count of bytes from it.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if written < 0 && errno != EINTR {
                guard descriptor == STDOUT_FILENO else { return }
                let reason = unsafe String(cString: strerror(errno))
                note("amenity: the output could not be written: \(reason)")
                exit(CommandStatus.failed.rawValue)
            }
            start += max(written, 0)
        }
    }
}
