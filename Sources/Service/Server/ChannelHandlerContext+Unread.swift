import Glibc
import NIOCore

extension ChannelHandlerContext {
    /// Bytes that have come and were not read yet.
    ///
    /// Only the socket can tell. That some time went by without a read means nothing: an event loop that is late runs all
    /// timers that are due before it looks at its sockets again, and while reads are held back it doesn't look at all.
    var unreadBytes: Int {
        var count: Int32 = 0
        _ = try? pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            unsafe ioctl(socket, UInt(FIONREAD), &count)
        }
        return Int(count)
    }
}
