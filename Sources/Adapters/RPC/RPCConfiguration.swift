// SPDX-License-Identifier: Apache-2.0

package import Chain

/// How full the disk is under a node's data.
package struct DiskUse: Hashable, Sendable {
    /// Bytes that may still be written.
    package let freeBytes: UInt64
    /// Bytes of the whole file system.
    package let totalBytes: UInt64
    /// Bytes of the node's own files.
    package let usedBytes: UInt64

    /// Takes the figures.
    package init(freeBytes: UInt64, totalBytes: UInt64, usedBytes: UInt64) {
        self.freeBytes = freeBytes
        self.totalBytes = totalBytes
        self.usedBytes = usedBytes
    }
}

/// How one RPC server is set up.
package struct RPCConfiguration {
    /// Who may do what.
    package var access: AccessPolicy
    /// Web origins whose pages may read answers.
    ///
    /// A star stands for all, which `open` access means by itself.
    package var allowedOrigins: [String] = []
    /// What `node.Info` gives as `api_version`.
    package var version = "v0.31.4"
    /// Whether the retired `da.*` module is served.
    package var servesGenericModule = false
    /// What one connection may send.
    package var limits = HTTPLimits()
    /// Requests that are served at a time; over it clients get 503.
    package var activeLimit = 500
    /// Bytes of requests and answers that may be held before new requests get 503.
    package var heldBytesLimit = 1 << 30
    /// Connections that are open at a time.
    package var connectionLimit = 2000
    /// The time, for tokens.
    package var clock: () -> Timestamp
    /// Random bytes, for tokens.
    package var entropy: (Int) -> [UInt8]
    /// How full the disk is, where the host knows.
    package var disk: () -> DiskUse? = { nil }
    /// Is told of each call that was answered: its method, whether by a result, and how long it took
    /// in microseconds.
    package var onAnswer: ((String, Bool, UInt64) -> Void)?
    /// Other pages that need no token, such as metrics, by path.
    package var pages: [String: () -> HTTPResponse] = [:]

    package init(
        access: AccessPolicy, clock: @escaping () -> Timestamp,
        entropy: @escaping (Int) -> [UInt8]
    ) {
        self.access = access
        self.clock = clock
        self.entropy = entropy
    }
}
