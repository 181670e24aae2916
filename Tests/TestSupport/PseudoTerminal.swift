import Glibc

/// A terminal without a screen: a test types into it and reads what was drawn.
package final class PseudoTerminal: Sendable {
    /// What the program draws, a line for each line break, and the rest when the terminal is closed.
    package let screen = Transcript()
    /// Where the program finds it.
    package let path: String
    private let master: Int32
    /// Held open, so that the settings outlive the program.
    private let slave: Int32

    package init(columns: UInt16 = 120, rows: UInt16 = 40) throws {
        var (isLocked, number): (CInt, CUnsignedInt) = (0, 0)
        master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard master >= 0, ioctl(master, Self.setLock, &isLocked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else { throw TestSupportError("no pseudo-terminal: \(String(cString: strerror(errno)))") }
        path = "/dev/pts/\(number)"
        slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(slave, UInt(TIOCSWINSZ), &size)
        screen.fill(from: master) { [master] in close(master) }
    }

    /// Linux's TIOCSPTLCK and TIOCGPTN, below unlockpt and ptsname, which the headers show to X/Open programs only.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    /// How it treats what is typed and drawn, flag by flag.
    package var settings: [UInt32] {
        var settings = termios()
        tcgetattr(slave, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }

    package func type(_ keys: String) {
        let bytes = Array(keys.utf8)
        _ = write(master, bytes, bytes.count)
    }

    /// Hangs up once the program has gone, and waits for the last of what it drew.
    package func end() async throws {
        close(slave)
        try await screen.whenOver()
    }
}
