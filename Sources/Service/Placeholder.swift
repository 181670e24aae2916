import NIOCore
import NIOPosix
import Logging
import Configuration
import ServiceLifecycle
