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
    static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

    /// Writes a line of words.
    static func note(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Writes to stderr without ending the line.
    static func draw(_ text: String) { write(text, to: STDERR_FILENO) }

    /// The text in bold where colours are wanted.
    static func bold(_ text: String) -> String { wantsColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    /// The text in grey where colours are wanted.
    static func dim(_ text: String) -> String { wantsColour ? "\u{1B}[2m\(text)\u{1B}[0m" : text }

    /// Unbuffered, so that what is said appears in the order it was said. A reader that went away ends the process by
    /// SIGPIPE, as it should; any other error has nobody left to hear of it.
    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            // The pointer lives for the call and `write` reads at most the given count of bytes from it.
            let written = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: start), buffer.count - start)
            }
            if written < 0 && errno != EINTR { return }
            start += max(written, 0)
        }
    }
}
