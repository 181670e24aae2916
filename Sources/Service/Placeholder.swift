import Configuration
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
