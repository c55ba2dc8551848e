// SPDX-License-Identifier: Apache-2.0

internal import CUV

/// What libuv or the system refused to do.
package struct LoopFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, in a word or two.
    package let operation: String
    /// libuv's code, which is the negated errno.
    package let code: Int32

    /// Names a failure.
    package init(_ operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// A wait that took longer than its limit.
    package static func timedOut(_ operation: String) -> LoopFailure {
        LoopFailure(operation, code: UV_ETIMEDOUT.rawValue)
    }

    /// A queue that is at its limit.
    package static func full(_ operation: String) -> LoopFailure {
        LoopFailure(operation, code: UV_ENOBUFS.rawValue)
    }

    /// Whether the address is taken by another process.
    package var isAddressInUse: Bool { code == UV_EADDRINUSE.rawValue }

    /// Whether it is the time limit that was hit.
    package var isTimeout: Bool { code == UV_ETIMEDOUT.rawValue }

    package var description: String {
        "\(operation): \(String(cString: uv_strerror(code)))"
    }

    /// Throws unless `code` says that all is well.
    static func check(_ code: Int32, _ operation: String) throws(LoopFailure) {
        if code < 0 { throw LoopFailure(operation, code: code) }
    }
}
